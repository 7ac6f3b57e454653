// What the entries of all components share: views, and what ends them.

import assert from "node:assert/strict";
import test from "node:test";

import { component } from "../../lossviz/figures/canvas/component.js";

const parts = (more = {}) => {
  const told = [];
  const create = () => ({ stop: new AbortController(), root: { remove: () => told.push("removed") } });
  const receive = (view, { data }) => told.push([data, view]);
  return { told, call: component({ create, receive, ...more }), parentElement: {} };
};

test("a view is kept from call to call, and made anew after it has been taken away", () => {
  const { told, call, parentElement } = parts();
  call({ parentElement, data: 1 });
  const end = call({ parentElement, data: 2 });
  end();
  call({ parentElement, data: 3 });
  const views = told.filter(Array.isArray).map(([, view]) => view);
  assert.equal(views[0], views[1]);
  assert.notEqual(views[1], views[2]);
});

test("the latest clean-up alone ends the view: its signal, its own things, its element", () => {
  const ended = [];
  const { told, call, parentElement } = parts({ destroy: (view) => ended.push(view.stop.signal) });
  const overtaken = call({ parentElement, data: 1 });
  const latest = call({ parentElement, data: 2 });
  overtaken();
  assert.deepEqual([ended, told.includes("removed")], [[], false]);
  latest();
  assert.deepEqual([ended.map(({ aborted }) => aborted), told.at(-1)], [[true], "removed"]);
});

test("a view needs neither a signal nor an element of its own", () => {
  const call = component({ create: () => ({}), receive: () => {} });
  call({ parentElement: {} })();
});
