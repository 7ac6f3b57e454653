// The bytes of a frame: [u32 H][H bytes JSON][padding to 4][float32 grids].
// The fields of the JSON are listed in README.md beside this file.

function parseFrame(data) {
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  if (!ArrayBuffer.isView(bytes) || bytes.byteLength < 4) return null;
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const start = Math.ceil((4 + length) / 4) * 4;
  const count = Math.max(0, (bytes.byteLength - start) >> 2);
  // A copy, because the bytes may start anywhere in a larger message.
  const values = new Float32Array(bytes.slice(start, start + 4 * count).buffer);
  const size = header.nx * header.ny;
  const panels = (header.panels || []).map((panel) => {
    const grid = values.subarray(panel.offset, panel.offset + size);
    return {
      ...panel,
      grid: grid.length === size ? grid : new Float32Array(size).fill(NaN),
      hasGaps: grid.length !== size || markGaps(grid),
      levels: Float64Array.from(panel.levels || [0, 1]),
      colours: panel.bands || header.bands || ["#888888"],
    };
  });
  return { header, panels };
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
