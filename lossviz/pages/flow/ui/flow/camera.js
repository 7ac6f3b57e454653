// From features to pixels: the plane, or space turned towards the viewer.

const MARGIN_SHARE = 0.06; // left free around the farthest of what is shown

export function createCamera() {
  return { reach: 0, turn: 0.6, tilt: 0.35, held: false };
}

// Half the width of what is shown: it follows the features, and stays where they fit well.
export function followReach(view, now) {
  const { camera, flow, options } = view;
  const { features, head, biasAt, centersAt, dimension: d, count } = flow;
  const lengths = [];
  for (let i = 0; i < count; i++) lengths.push(Math.hypot(...features.subarray(i * d, i * d + d)));
  lengths.sort((p, q) => p - q);
  let wanted = lengths[Math.floor(0.99 * (count - 1))];
  // A weight or centre far beyond the features must not make them a speck.
  const [mostWeight, mostCenter] = [1.5 * wanted, 3 * wanted];
  for (let at = 0; at < head.length; at += d) {
    if (at === biasAt) at = centersAt;
    const most = at < biasAt ? mostWeight : mostCenter;
    if (at < head.length) wanted = Math.max(wanted, Math.min(Math.hypot(...head.subarray(at, at + d)), most));
  }
  wanted = options.circle ? 1.12 : Math.max(wanted, 1e-3) / (1 - 2 * MARGIN_SHARE);
  if (!camera.reach || options.circle) camera.reach = wanted;
  else if (wanted > camera.reach || wanted < 0.72 * camera.reach) camera.reach += (wanted - camera.reach) * (now ? 1 : 0.12);
}

// Fills `out` with x, y and depth of rows of numbers; depth is 0 in the plane.
export function project(view, rows, count, out, onCircle) {
  const { camera, flow, size } = view;
  const d = flow.dimension;
  const middle = size / 2;
  const scale = middle / camera.reach;
  const [ct, st] = [Math.cos(camera.turn), Math.sin(camera.turn)];
  const [cu, su] = [Math.cos(camera.tilt), Math.sin(camera.tilt)];
  for (let i = 0; i < count; i++) {
    let x = rows[i * d];
    let y = rows[i * d + 1];
    let z = d === 3 ? rows[i * d + 2] : 0;
    const length = onCircle ? Math.hypot(x, y, z) || 1 : 1;
    x /= length;
    y /= length;
    z /= length;
    let depth = 0;
    if (d === 3) {
      const across = ct * x + st * y;
      const away = -st * x + ct * y;
      [x, y, depth] = [across, cu * z + su * away, cu * away - su * z];
    }
    out[3 * i] = middle + x * scale;
    out[3 * i + 1] = middle - y * scale;
    out[3 * i + 2] = depth / camera.reach;
  }
  return out;
}
