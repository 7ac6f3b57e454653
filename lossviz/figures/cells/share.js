// The entry of a page of one file: the sweep lies in it, packed (lossviz/sweeps/share.py).

import { createCells, receiveSweep } from "./page.js";
import { useCellPrograms } from "./programs.js";

// programs: functions by name, since such a page may not make code of text.
export async function startShared(host, packed, programs) {
  useCellPrograms(programs);
  const view = createCells(host);
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  receiveSweep(view, new Uint8Array(await new Response(unpacked).arrayBuffer()));
  return view;
}
