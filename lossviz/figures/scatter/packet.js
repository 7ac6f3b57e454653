// The bytes of a picture: [u32 H][H bytes JSON][padding to 4][arrays]; fields in README.md.

const ARRAY_TYPES = { f4: Float32Array, u1: Uint8Array, u2: Uint16Array, u4: Uint32Array };

function parsePacket(data) {
  const packet = readPacket(data);
  return packet && readPicture(packet.header, packet.buffer);
}

function readPacket(data) {
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  if (!ArrayBuffer.isView(bytes) || bytes.byteLength < 4) return null;
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  // A copy, because the bytes may start anywhere in a larger message.
  const { buffer } = bytes.slice(Math.ceil((4 + length) / 4) * 4);
  return { header, buffer, array: (where) => arrayIn(buffer, where) };
}

function arrayIn(buffer, { at, n, type }) {
  return new ARRAY_TYPES[type](buffer, at, n);
}

function readPicture(header, buffer) {
  const array = (where) => arrayIn(buffer, where);
  const panels = header.panels.map((panel) => {
    const read = { ...panel };
    for (const [name, where] of Object.entries(panel.arrays)) read[name] = array(where);
    if (read.field) read.hasGaps = markGaps(read.field);
    measure(read);
    return read;
  });
  const image = header.picked?.image ? array(header.picked.image) : null;
  return { header, panels, image, bytes: buffer.byteLength };
}

// Infinities become NaN, so that one comparison finds both while filling.
function markGaps(grid) {
  let found = false;
  for (let i = 0; i < grid.length; i++) {
    if (!Number.isFinite(grid[i])) {
      grid[i] = NaN;
      found = true;
    }
  }
  return found;
}

// What the points say about themselves: how far they reach, class means, who is right.
function measure(panel) {
  const { features, labels, predictions, dims, classes } = panel;
  const count = panel.points;
  const sums = new Float64Array(classes.length * dims);
  const sizes = new Uint32Array(classes.length);
  const hits = new Uint32Array(classes.length);
  let farthest = 0;
  let gaps = 0;
  for (let p = 0; p < count; p++) {
    const k = labels[p];
    let finite = true;
    for (let j = 0; j < dims; j++) finite &&= Number.isFinite(features[p * dims + j]);
    if (!finite) {
      gaps++;
      continue;
    }
    sizes[k]++;
    if (!predictions || predictions[p] === k) hits[k]++;
    for (let j = 0; j < dims; j++) {
      const value = features[p * dims + j];
      sums[k * dims + j] += value;
      farthest = Math.max(farthest, Math.abs(value));
    }
  }
  panel.gaps = gaps;
  panel.sizes = sizes;
  panel.hits = hits;
  panel.means = sums.map((sum, i) => sum / sizes[Math.floor(i / dims)]);
  panel.middle = [0, 0];
  if (panel.axes && dims === 2) farthest = centre(panel);
  // Above small clusters stand their names.
  const room = panel.axes && !panel.axes.length ? 1.18 : 1.08;
  if (!(panel.reach > 0)) panel.reach = farthest > 0 ? room * farthest : 1;
}

// Of projected features the origin says little: the window stands about what there is. Gives half its width.
function centre(panel) {
  const ends = [0, 1].map(() => [Infinity, -Infinity]);
  for (let p = 0; p < 2 * panel.points; p++) {
    const value = panel.features[p];
    const end = ends[p % 2];
    if (Number.isFinite(value)) [end[0], end[1]] = [Math.min(end[0], value), Math.max(end[1], value)];
  }
  if (!ends.flat().every(Number.isFinite)) return 0;
  panel.middle = ends.map(([low, high]) => (low + high) / 2);
  return Math.max(...ends.map(([low, high]) => (high - low) / 2));
}

// The key values of a panel in words, where the server has not written them.
function describe(panel) {
  if (panel.text) return panel.text;
  const start = [panel.title, panel.note, panel.warning, panel.state].filter(Boolean).join(", ");
  const shown = panel.points - panel.gaps;
  if (!shown) return start || "Embedding";
  const words = [`${start}: ${shown} points of ${panel.classes.length} classes`];
  if (panel.predictions) {
    const rates = panel.classes.map((_, k) => (panel.sizes[k] ? panel.hits[k] / panel.sizes[k] : Infinity));
    const worst = rates.indexOf(Math.min(...rates));
    const right = panel.hits.reduce((sum, n) => sum + n, 0) / shown;
    words.push(`${percent(right)} of them right; worst class ${panel.classes[worst]} with ${percent(rates[worst])}`);
  }
  if (panel.gaps) words.push(`${panel.gaps} points are not finite`);
  return words.join(", ");
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
