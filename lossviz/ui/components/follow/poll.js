// A route of the server that is asked again and again, while its page is seen.

const PATIENCE_MS = 15000; // a server that stands still is asked anew
const BACK_OFF_MS = 250; // after an error, doubled with each that follows
const SLOWEST_MS = 4000;
// By it the server counts those who watch.
const WATCHER = Math.random().toString(36).slice(2);

// Beside the page's own address, as Streamlit's own requests: the app may lie under a path.
export function routeURL(path) {
  return new URL(path, location.origin + location.pathname.replace(/\/+$/, ""));
}

// etag: of what is known already.
export function fetchRoute(path, etag, stop) {
  const headers = { "Lossviz-Watcher": WATCHER, ...(etag && { "If-None-Match": etag }) };
  const signal = AbortSignal.any([stop, AbortSignal.timeout(PATIENCE_MS)]);
  return fetch(routeURL(path), { headers, cache: "no-store", signal });
}

// ask: {path, etag}, or null where there is nothing to ask. heard: what came, also that nothing has changed.
// refused: the server has an answer, and it is no. every: milliseconds from one question to the next, or
// null to wait until the function is called that this one gives.
export function poll(stop, { ask, heard, refused = () => {}, every }) {
  let timer = 0;
  let busy = false;
  let again = false;
  let failures = 0;

  async function look() {
    clearTimeout(timer);
    if (stop.aborted || document.hidden) return;
    if (busy) {
      again = true;
      return;
    }
    const asked = ask();
    if (!asked) return;
    busy = true;
    const began = performance.now();
    try {
      const response = await fetchRoute(asked.path, asked.etag, stop);
      const good = response.ok || response.status === 304;
      failures = good ? 0 : failures + 1;
      if (good) await heard(response, asked);
      else refused(response.status);
    } catch {
      failures += 1; // nobody answers
    }
    busy = false;
    const rest = pause(performance.now() - began);
    if (rest !== null && !stop.aborted) timer = setTimeout(look, rest);
  }

  // A slow answer is a busy server: it rests as long as it has worked.
  function pause(took) {
    const rest = every();
    const sooner = again && !failures;
    again = false;
    if (sooner) return 0;
    if (failures) return Math.min(SLOWEST_MS, BACK_OFF_MS * 2 ** Math.min(failures, 6)) * (0.75 + Math.random() / 2);
    return rest === null ? null : Math.max(rest - took, took);
  }

  document.addEventListener("visibilitychange", () => document.hidden || look(), { signal: stop });
  return look;
}

// Tell the page once that it has something new to say. Those who watch the same do not all tell it in the
// same instant.
const SPREAD_MS = 100; // for each of them
const RETELL_MS = 5000; // a page that has not followed by then is told again

export function createNews(stop, tell) {
  let drawn = "";
  let latest = "";
  let told = "";
  return {
    // Whether the page has still to follow: what it was told may have been lost.
    waits: () => latest !== drawn,
    // The state that the page shows.
    drawn(state) {
      drawn = latest = state;
      told = "";
    },
    // The state as it is.
    heard(state, watchers = 1) {
      latest = state;
      if (state === drawn || state === told) return;
      told = state;
      setTimeout(() => {
        if (stop.aborted || told !== state || state === drawn) return;
        tell({ state });
        setTimeout(() => told === state && (told = ""), RETELL_MS);
      }, Math.random() * SPREAD_MS * watchers);
    },
  };
}

export function watchersOf(response) {
  return Number(response.headers.get("Lossviz-Watchers")) || 1;
}
