// The wire from Python: [u32 length][header: JSON, UTF-8][zeros to a multiple of 4][arrays]; lossviz/figures/wire.py
// writes it. The header names an array by its place.

const ARRAY_TYPES = { f4: Float32Array, i2: Int16Array, u1: Uint8Array, u2: Uint16Array, u4: Uint32Array };

/**
 * @typedef {{ at: number, n: number, type: "f4" | "i2" | "u1" | "u2" | "u4" }} Place byte after the header, numbers, type
 * @typedef {{ header: any, array: (place: Place) => any, size: number }} Message array: of a place; size: of all, in bytes
 *
 * @param {ArrayBuffer | Uint8Array | null | undefined} data
 * @returns {Message | null} null where there is no message
 */
export function readMessage(data) {
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  if (!ArrayBuffer.isView(bytes) || bytes.byteLength < 4) return null;
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  // A copy, because the bytes may start anywhere in a larger message.
  const { buffer } = bytes.slice(Math.ceil((4 + length) / 4) * 4);
  return {
    header,
    array: ({ at, n, type }) => new ARRAY_TYPES[type](buffer, at, n),
    size: buffer.byteLength,
  };
}
