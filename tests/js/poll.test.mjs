// A route that is asked again and again: how often, when not, and what the page hears.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { createNews, poll, routeURL } from "../../lossviz/ui/components/follow/poll.js";

// Time that passes when it is told to: timers in their order, promises between them.
const real = { setTimeout, clearTimeout, fetch: globalThis.fetch, performance: globalThis.performance };
let now, timers, asked, answer;

beforeEach(() => {
  [now, timers, asked, answer] = [0, new Map(), [], () => ({ ok: true, status: 200 })];
  let count = 0;
  globalThis.setTimeout = (run, after = 0) => (timers.set(++count, { run, at: now + after }), count);
  globalThis.clearTimeout = (id) => timers.delete(id);
  globalThis.fetch = async (url, { headers }) => {
    asked.push([now, String(url), headers["If-None-Match"]]);
    return answer();
  };
  Object.defineProperty(globalThis, "performance", { configurable: true, value: { now: () => now } });
  globalThis.document = Object.assign(new EventTarget(), { hidden: false });
  globalThis.location = { origin: "http://h:1", pathname: "/train" };
});

afterEach(() => {
  Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout, fetch: real.fetch });
  Object.defineProperty(globalThis, "performance", { configurable: true, value: real.performance });
  delete globalThis.document;
  delete globalThis.location;
});

async function pass(milliseconds) {
  const end = now + milliseconds;
  for (;;) {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    const [id, next] = [...timers].sort((a, b) => a[1].at - b[1].at)[0] ?? [];
    if (!next || next.at > end) break;
    timers.delete(id);
    now = next.at;
    next.run();
  }
  now = end;
}

function follow(more = {}) {
  const stop = new AbortController();
  const heard = [];
  const look = poll(stop.signal, {
    ask: () => ({ path: "lossviz/x", etag: '"1"' }),
    heard: async (response) => heard.push(response.status),
    every: () => 200,
    ...more,
  });
  look();
  return { heard, look, stop };
}

test("the address lies beside the page's own", () => {
  const at = (pathname) => {
    globalThis.location = { origin: "http://h:1", pathname };
    return routeURL("a?b=c").href;
  };
  assert.deepEqual(["/train", "/train/", "/"].map(at), new Array(3).fill("http://h:1/a?b=c"));
  assert.equal(at("/labs/one/train"), "http://h:1/labs/one/a?b=c");
});

test("it is asked once in its time, with the tag of what is known", async () => {
  const { heard } = follow();
  await pass(1000);
  assert.deepEqual(asked.map(([when]) => when), [0, 200, 400, 600, 800, 1000]);
  assert.deepEqual(asked[0].slice(1), ["http://h:1/lossviz/x", '"1"']);
  assert.equal(heard.length, 6);
});

test("a server that is away is asked less and less often, and found again", async () => {
  const { heard } = follow();
  await pass(100);
  answer = () => {
    throw new TypeError("nobody answers");
  };
  await pass(30_000);
  const gaps = asked.slice(2).map(([when], i) => when - asked[i + 1][0]);
  assert.ok(gaps[0] >= 375 && gaps[0] <= 625, `${gaps}`); // 500 ms, a quarter more or less
  assert.ok(gaps.slice(3).every((gap) => gap >= 3000 && gap <= 5000), `${gaps}`);
  answer = () => ({ ok: true, status: 200 });
  await pass(5000);
  assert.ok(heard.length > 1);
});

test("a refusal is an answer, and is told", async () => {
  const refused = [];
  answer = () => ({ ok: false, status: 404 });
  const { heard } = follow({ refused: (status) => refused.push(status) });
  await pass(100);
  assert.deepEqual([refused, heard], [[404], []]);
});

test("a page that nobody sees asks for nothing until it is seen", async () => {
  follow();
  await pass(100);
  document.hidden = true;
  await pass(2000);
  const before = asked.length;
  assert.ok(before <= 2);
  await pass(2000);
  assert.equal(asked.length, before);
  document.hidden = false;
  document.dispatchEvent(new Event("visibilitychange"));
  await pass(10);
  assert.equal(asked.length, before + 1);
});

test("null waits until it is called, and what has stopped asks no more", async () => {
  const { look, stop } = follow({ every: () => null });
  await pass(5000);
  assert.equal(asked.length, 1);
  look();
  await pass(5000);
  assert.equal(asked.length, 2);
  stop.abort();
  look();
  await pass(5000);
  assert.equal(asked.length, 2);
});

test("news is told once, and once more if the page has not followed", async () => {
  const told = [];
  const news = createNews(new AbortController().signal, ({ state }) => told.push(state));
  news.drawn("one");
  news.heard("one");
  news.heard("two");
  news.heard("two");
  await pass(1000);
  assert.deepEqual(told, ["two"]);
  assert.ok(news.waits());
  await pass(5000);
  news.heard("two");
  await pass(1000);
  assert.deepEqual(told, ["two", "two"]);
  news.drawn("two");
  assert.ok(!news.waits());
});
