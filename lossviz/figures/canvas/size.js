// How much room a picture has: followed when the window changes, not when the page scrolls.

const LEAST_HEIGHT_PX = 420; // of one or two rows, however low the window
const MARGIN_PX = 12; // left free between picture and window's bottom
const BAR_PX = 64; // what stays over a picture that is scrolled to

const WIDE_WINDOW_PX = 2000; // from here on a window is looked at from afar, as on a wall
const MOST_WIDENING = 1.4;

// How much larger than on a desk texts and lines are.
export function textScale(presentation) {
  return (presentation ? 1.35 : 1) * Math.min(MOST_WIDENING, Math.max(1, window.innerWidth / WIDE_WINDOW_PX));
}

// From the component's top to the window's bottom, as if the page were scrolled up:
// scrolling must not change the picture. One far down the page may fill the window.
export function heightBelow(view) {
  const height = windowHeight(view);
  if (!view.drag || view.above === undefined) {
    let top = view.root.getBoundingClientRect().top;
    for (let at = view.root; at; at = at.parentNode || at.host) top += at.scrollTop || 0;
    // Within some pixels the earlier place is kept, or a picture might tremble.
    if (!(Math.abs(top - view.above) < 6)) view.above = Math.round(top);
  }
  const above = view.above < height / 2 ? view.above : BAR_PX;
  return Math.max(LEAST_HEIGHT_PX, height - above - MARGIN_PX);
}

// On a touch screen the bars of the browser come and go while scrolling, and a
// keyboard while typing: there only a new width counts as a new window.
export function windowHeight(view) {
  const { innerWidth: width, innerHeight: height } = window;
  const known = view.window;
  if (!known || known.width !== width || !window.matchMedia("(pointer: coarse)").matches) view.window = { width, height };
  return view.window.height;
}

// A figure that just fits can make the page's scroll bar come and go for ever:
// a small widening right after a narrowing is that, and is not followed.
export function stableWidth(view) {
  const width = Math.floor(view.root.clientWidth);
  const previous = view.layout ? view.layout.width : width;
  const now = performance.now();
  if (width < previous) view.narrowedAt = now;
  if (width > previous && width - previous <= 20 && now - (view.narrowedAt ?? -1e9) < 400) return previous;
  return width;
}
