// The numbers in words: beside each row its name and its best threshold, below the counts of every run.

import { element, setCanvasSize, setSize, setText } from "../../../figures/canvas/elements.js";
import { perCent, shortText } from "../../../figures/canvas/numbers.js";
import { beginCanvas } from "../../../figures/canvas/strokes.js";
import { accuracyAt } from "./counting.js";
import { moveTo, release } from "./handle.js";
import { colourOf, rowTop } from "./layout.js";

const MOST_CELLS = 12; // with more classes, bars in place of numbers

const whole = (count) => count.toLocaleString("en-US");

// Names and accuracies beside the picture; a press on t* brings the threshold there.
export function updateBeside(view, counts) {
  const { layout, frame } = view;
  const id = JSON.stringify([frame.header.frame, layout.width, layout.height, view.theme.dark]);
  if (view.besideId !== id) {
    view.besideId = id;
    view.labels.forEach(({ box }) => box.remove());
    view.labels = frame.rows.map((row, i) => makeLabel(view, row, i));
  }
  view.labels.forEach(({ now }, i) => setText(now, perCent(accuracyAt(counts[i], frame.rows[i]))));
}

function makeLabel(view, row, i) {
  const { layout } = view;
  const box = element("div", "lv-label", view.box);
  const name = element("span", "lv-name", box);
  name.style.color = colourOf(view, row);
  setText(name, row.name);
  name.title = row.name;
  const line = element("div", "lv-said", box);
  const now = element("span", "lv-now", line);
  now.style.color = colourOf(view, row);
  if (row.best && !view.frame.header.common) {
    setText(element("span", "lv-own", line), `at t* ${row.best_text}`);
  } else if (row.best) {
    const jump = element("button", "lv-jump", line, { type: "button", title: "Move the threshold there" });
    setText(jump, `best ${perCent(row.best[1])} at t* ${row.best_text}`);
    jump.setAttribute("aria-label", `${row.name}: ${jump.textContent}`);
    jump.addEventListener("click", () => {
      moveTo(view, row.best[0]);
      release(view);
    });
  }
  const top = rowTop(layout, i) - layout.caption;
  const side = layout.narrow ? layout.left : layout.width - layout.right + layout.px(10);
  Object.assign(box.style, {
    top: `${top}px`, left: `${side}px`, width: `${layout.narrow ? layout.width - side : layout.right - layout.px(10)}px`,
    height: layout.narrow ? "" : `${layout.row}px`,
  });
  return { box, now };
}

// A table of counts; made anew when runs or classes change, afterwards only its numbers.
export function updateTable(view, counts) {
  const { frame, theme } = view;
  const { classes } = frame.header;
  const cells = classes.length <= MOST_CELLS;
  const id = JSON.stringify([classes, cells, frame.header.note, frame.header.common, theme.dark, frame.rows.map(({ name, color, labels, negatives }) => [name, color, labels.length, negatives])]);
  if (view.tableId !== id) {
    view.tableId = id;
    view.table = makeTable(view, cells);
  }
  frame.rows.forEach((row, i) => {
    const { low, high, wrong, right, accepted, wrongOf } = counts[i];
    const negatives = row.negatives ? `${accepted.exact ? "" : "about "}${whole(accepted.count)}` : "–";
    const values = [`${perCent(right / row.labels.length)}`, whole(wrong), whole(low), whole(high), negatives];
    values.forEach((text, j) => setText(view.table.values[i][j], text));
    if (cells) {
      view.table.classes[i].forEach((cell, k) => {
        setText(cell, frame.sizes[i][k] ? whole(wrongOf[k]) : "–");
        cell.style.setProperty("--lv-share", frame.sizes[i][k] ? (wrongOf[k] / frame.sizes[i][k]).toFixed(3) : 0);
      });
    } else paintBars(view, view.table.bars[i], row, wrongOf, frame.sizes[i]);
  });
}

// Where each run has its own threshold, t is that.
const COLUMNS = ["right", "wrong", "positive ≤ t", "a negative > t", "negatives > t"];
const MEANINGS = [
  "images whose positive metric lies above the threshold and all negative ones at or below it",
  "samples that are not right",
  "samples whose positive metric lies at or below the threshold",
  "samples with at least one negative metric above the threshold",
  "single negative metrics above the threshold",
];

function makeTable(view, cells) {
  const { frame } = view;
  const { classes } = frame.header;
  view.tables.replaceChildren();
  const caption = element("div", "lv-caption", view.tables, { id: "lv-counts-caption" });
  const of = frame.header.note ? ` among ${frame.header.note}` : "";
  const what = frame.header.common ? "this threshold gets wrong" : "each run gets wrong at its own t*";
  setText(caption, `What ${what}${of}; on the right, the wrong samples of each class.`);
  // Focusable, so that a table wider than a phone can be scrolled with keys.
  const scroll = element("div", "lv-scroll", view.tables, { tabindex: 0, role: "group", "aria-label": "Table of counts" });
  const table = element("table", "lv-counts", scroll, { "aria-describedby": "lv-counts-caption" });
  const head = element("tr", "", element("thead", "", table));
  element("th", "", head, { scope: "col" }).textContent = "run";
  COLUMNS.forEach((text, j) => (element("th", "", head, { scope: "col", title: MEANINGS[j] }).textContent = text));
  if (cells) classes.forEach((name) => (element("th", "lv-class", head, { scope: "col", title: `wrong in class ${name}` }).textContent = name));
  else element("th", "lv-class", head, { scope: "col" }).textContent = `wrong share of each of ${classes.length} classes`;
  const body = element("tbody", "", table);
  const made = { values: [], classes: [], bars: [] };
  frame.rows.forEach((row) => {
    const line = element("tr", "", body);
    const name = element("th", "lv-run", line, { scope: "row" });
    setText(name, row.name);
    name.title = row.name;
    name.style.color = colourOf(view, row);
    made.values.push(COLUMNS.map(() => element("td", "", line)));
    if (cells) made.classes.push(classes.map(() => element("td", "lv-class lv-share", line)));
    else {
      const canvas = element("canvas", "lv-bars", element("td", "lv-class", line));
      made.bars.push({ canvas, context: canvas.getContext("2d") });
    }
  });
  return made;
}

// One bar a class: its share of wrong samples, of a height of one.
function paintBars(view, { canvas, context }, row, wrongOf, sizes) {
  const { layout } = view;
  const count = wrongOf.length;
  const width = Math.max(120, Math.min(420, Math.round(layout.width * (layout.narrow ? 0.6 : 0.4))));
  const height = layout.px(26);
  setSize([canvas], width, height);
  setCanvasSize([canvas], width, height, layout.dpr);
  beginCanvas(context, layout.dpr);
  context.fillStyle = view.theme.text;
  context.globalAlpha = 0.25;
  context.fillRect(0, height - 1, width, 1);
  context.globalAlpha = 1;
  context.fillStyle = colourOf(view, row);
  const each = width / count;
  for (let k = 0; k < count; k++) {
    const share = sizes[k] ? wrongOf[k] / sizes[k] : 0;
    context.fillRect(k * each, (1 - share) * (height - 2), Math.max(0.6, each - (each > 4 ? 1 : 0)), share * (height - 2));
  }
  canvas.setAttribute("role", "img");
  const worst = wrongOf.reduce((best, wrong, k) => (sizes[k] && wrong / sizes[k] > best[0] ? [wrong / sizes[k], k] : best), [0, -1]);
  const words = worst[1] < 0 ? "no class has a wrong sample" : `worst: ${view.frame.header.classes[worst[1]]}, ${perCent(worst[0])} wrong`;
  canvas.setAttribute("aria-label", words);
  canvas.title = words;
}

// What a screen reader says of the handle.
export function describe(view, counts) {
  const { rows } = view.frame;
  const words = rows.map((row, i) => {
    const { low, high, right } = counts[i];
    return `${row.name}: ${perCent(right / row.labels.length)} right, ${whole(low)} positives below, ${whole(high)} samples with a negative above`;
  });
  return `${shortText(view.t, 4)}. ${words.join("; ")}`;
}
