// Exact values at the point under the cross-hair of a contour picture.
//
// The contour component announces a point on the window ("lossviz:probe"); this
// one asks the server for its exact values, shows them as a table, and announces
// them in turn ("lossviz:values"), so the picture can show them beside the
// cross-hair. Both ways go through the window because each component lives in a
// shadow tree of its own. The fields of the data are listed in
// ../contours/README.md.

import { component, createRoot } from "../../../../figures/canvas/component.js";
import { element, setText } from "../../../../figures/canvas/elements.js";
import { placeText, withIndex } from "../../../../figures/canvas/numbers.js";
import { readMessage } from "../../../../figures/canvas/wire.js";

const RESEND_MS = 600; // a question without an answer is given up after this
const HOLD_MS = 2000; // a picture that does not release its hold is not waited for any longer
const SPEAK_MS = 900; // a screen reader hears a point only once it has come to rest

export default component({
  create: createView,
  receive: (view, { data, setTriggerValue }) => {
    view.trigger = setTriggerValue;
    if (data) receive(view, readMessage(data).header);
  },
  destroy: clearTimers,
});

function createView(parent) {
  const root = createRoot(parent, "lv-readout", "section", { "aria-label": "Exact values at a point" });
  const view = {
    root,
    hint: element("p", "lv-hint", root),
    where: element("p", "lv-where", root),
    // Focusable, so that a table wider than a phone can be scrolled with keys.
    scroll: element("div", "lv-scroll", root, { tabindex: "0", role: "group", "aria-label": "Table of exact values" }),
    spoken: element("p", "lv-spoken", root, { "aria-live": "polite" }),
    table: null, shape: "",
    trigger: () => {},
    data: null, lastId: 0, outstanding: null, queued: null, asked: null, sent: null, held: false,
    stop: new AbortController(),
  };
  setText(view.hint, "Point at the picture (or focus it and use the arrow keys) to read exact values.");
  showEmpty(view);
  const { signal } = view.stop;
  window.addEventListener("lossviz:probe", (event) => ask(view, event.detail), { signal });
  window.addEventListener("lossviz:probe-hold", () => hold(view), { signal });
  window.addEventListener("lossviz:probe-release", () => release(view), { signal });
  return view;
}

function clearTimers(view) {
  clearTimeout(view.timer);
  clearTimeout(view.holdTimer);
  clearTimeout(view.speakTimer);
}

/* --------------------------------------------- asking for a point's values */

// At most one question waits for its answer; meanwhile only the newest is kept.
function ask(view, detail) {
  if (!detail || !Number.isFinite(detail.x) || !Number.isFinite(detail.y)) return;
  const { asked } = view;
  if (asked && asked.x === detail.x && asked.y === detail.y) return; // asked already, as by a click after a hover
  view.queued = { x: detail.x, y: detail.y };
  view.asked = view.queued;
  markStale(view);
  pump(view);
}

function pump(view) {
  clearTimeout(view.timer);
  if (!view.queued || view.held) return;
  const wait = view.outstanding ? view.outstanding.at + RESEND_MS - performance.now() : 0;
  if (wait > 0) {
    view.timer = setTimeout(() => pump(view), wait + 1);
    return;
  }
  const { x, y } = (view.sent = view.queued);
  view.queued = null;
  view.outstanding = { id: ++view.lastId, at: performance.now() };
  view.trigger("probe", { x, y, id: view.lastId });
}

// While the picture tells the server something, no question may go with it: what
// waits is dropped, what is pointed at meanwhile is asked at the release.
function hold(view) {
  clearTimeout(view.timer);
  clearTimeout(view.holdTimer);
  view.queued = null;
  view.asked = view.sent;
  view.held = true;
  view.holdTimer = setTimeout(() => release(view), HOLD_MS);
  markStale(view);
}

function release(view) {
  clearTimeout(view.holdTimer);
  view.held = false;
  pump(view);
}

function receive(view, data) {
  const echo = data.echo || 0;
  view.data = data;
  view.lastId = Math.max(view.lastId, echo); // a remounted component goes on counting
  if (view.outstanding && echo >= view.outstanding.id) view.outstanding = null;
  render(view);
  if (data.point && data.values) {
    const [x, y] = data.point;
    const detail = { x, y, values: data.values, frame: data.frame ?? null };
    window.dispatchEvent(new CustomEvent("lossviz:values", { detail }));
  }
  view.root.dataset.echo = echo;
  pump(view);
}

/* ------------------------------------------------------------- rendering */

const minus = (text) => String(text ?? "").replace(/-(?=[\d.])/g, "−");
const fixed = (value, digits) => minus(Number(value).toFixed(digits));

// "p₁" for numbered classes, "p cat" for named ones.
function probabilityName(name) {
  const text = String(name);
  return /^\d+$/.test(text) ? withIndex("p", text) : `p ${text}`;
}

function showEmpty(view) {
  const empty = !view.data || !view.data.point;
  view.hint.hidden = !empty;
  for (const part of [view.where, view.scroll]) part.hidden = empty;
}

function render(view) {
  const { data } = view;
  showEmpty(view);
  markStale(view);
  if (!data.point) return;
  renderWhere(view);
  renderTable(view);
  clearTimeout(view.speakTimer);
  view.speakTimer = setTimeout(() => speak(view), SPEAK_MS);
}

function renderWhere(view) {
  const { point, norm, angles } = view.data;
  const parts = [`z = ${placeText(point)}`];
  if (Number.isFinite(norm)) parts.push(`|z| = ${fixed(norm, 2)}`);
  if (angles?.length) {
    const list = angles.map(({ name, degrees }) => `${name} ${Number.isFinite(degrees) ? `${fixed(degrees, 1)}°` : "undefined"}`);
    parts.push(`angle to ${list.join(", ")}`);
  }
  setText(view.where, parts.join("   ·   "));
}

function columnsOf(data) {
  const classes = data.classes || [];
  const rows = data.rows || [];
  const columns = [{ head: "loss", cell: (row) => row.loss }];
  classes.forEach((name, k) => {
    const own = data.label === k;
    columns.push({
      head: probabilityName(name), own,
      title: own ? `probability of class ${name}, the true class` : `probability of class ${name}`,
      cell: (row) => row.probabilities?.[k],
    });
  });
  if (rows.some((row) => row.positive)) {
    columns.push({ head: "positive", title: "metric of the true class", cell: (row) => row.positive });
  }
  if (rows.some((row) => row.negative)) {
    columns.push({ head: "largest negative", title: "largest metric of the other classes", cell: (row) => row.negative });
  }
  if (rows.some((row) => row.note)) columns.push({ head: "", title: "note", note: true, cell: (row) => row.note });
  return columns;
}

// The table's cells are kept while its shape is the same: only texts change.
function renderTable(view) {
  const { data } = view;
  const rows = data.rows || [];
  const columns = columnsOf(data);
  const shape = JSON.stringify([rows.length, columns.map(({ head, own }) => [head, own])]);
  if (view.shape !== shape) {
    view.shape = shape;
    view.cells = buildTable(view, rows.length, columns);
  }
  rows.forEach((row, i) => {
    setText(view.cells[i].head, row.title || row.key || "");
    columns.forEach((column, j) => setText(view.cells[i].values[j], minus(column.cell(row) ?? "–")));
  });
}

function buildTable(view, count, columns) {
  const table = element("table");
  const head = element("tr", "", element("thead", "", table));
  element("th", "", head, { scope: "col" }).textContent = "";
  for (const { head: text, title, own } of columns) {
    const cell = element("th", own ? "own" : "", head, { scope: "col" });
    cell.textContent = own ? `${text} true` : text;
    if (title) cell.title = title;
  }
  const body = element("tbody", "", table);
  const cells = Array.from({ length: count }, () => {
    const row = element("tr", "", body);
    return {
      head: element("th", "", row, { scope: "row" }),
      values: columns.map(({ own, note }) => element("td", own ? "own" : note ? "note" : "", row)),
    };
  });
  view.scroll.replaceChildren(table);
  return cells;
}

// While the values belong to an earlier point they are shown paler, not removed.
function markStale(view) {
  const { data, asked } = view;
  const moved = !!asked && !!data?.point && (Math.abs(data.point[0] - asked.x) > 1e-9 || Math.abs(data.point[1] - asked.y) > 1e-9);
  const stale = !!data && moved;
  view.root.classList.toggle("stale", stale);
  if (view.root.getAttribute("aria-busy") !== String(stale)) view.root.setAttribute("aria-busy", stale);
}

function speak(view) {
  const { data } = view;
  if (!data?.point) return;
  const losses = (data.rows || []).map((row) => `${row.title || row.key} ${minus(row.loss)}`);
  setText(view.spoken, `At ${placeText(data.point)}: ${losses.join("; ")}`);
}
