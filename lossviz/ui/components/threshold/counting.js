// What a threshold gets right and wrong: counted sample by sample, exactly as lossviz.metrics.uniform does.

// A sample is right when its positive metric lies above t and no negative one does.
export function countAt(row, classes, t) {
  const { positive, negative, labels } = row;
  const wrongOf = new Uint32Array(classes);
  let low = 0;
  let high = 0;
  let wrong = 0;
  for (let i = 0; i < positive.length; i++) {
    const below = !(positive[i] > t);
    const above = negative[i] > t;
    if (below) low++;
    if (above) high++;
    if (below || above) {
      wrong++;
      wrongOf[labels[i]]++;
    }
  }
  return { low, high, wrong, right: positive.length - wrong, wrongOf, accepted: acceptedNegatives(row, t) };
}

// The threshold that a row is shown at: the one for all, or its own t*; NaN without any.
export const thresholdOf = (view, row) => (view.frame.header.common ? view.t : row.best ? row.best[0] : NaN);

// How many single negative metrics lie above t: exact in the tail, which holds the largest of them.
function acceptedNegatives(row, t) {
  const { tail, rest, rest_before: before, negatives } = row;
  const first = firstNotAbove(tail, t);
  if (first < tail.length || tail.length === negatives) return { count: first, exact: true };
  const place = firstNotAbove(rest, t);
  return place < rest.length ? { count: before[place], exact: false } : { count: negatives, exact: true };
}

// The place of the first of descending numbers that is not above t.
function firstNotAbove(numbers, t) {
  let first = 0;
  let end = numbers.length;
  while (first < end) {
    const middle = (first + end) >> 1;
    if (numbers[middle] > t) first = middle + 1;
    else end = middle;
  }
  return first;
}

// The accuracy of the step curve at t; the same number as `right` of the samples.
export function accuracyAt(counts, row) {
  return counts.right / row.labels.length;
}

// Thresholds are rounded to what a pixel can tell.
export function unitOf(low, high) {
  return 10 ** Math.floor(Math.log10(Math.max(high - low, 1e-12) / 500));
}

export function rounded(t, unit) {
  const digits = Math.max(0, -Math.round(Math.log10(unit)));
  return Number((Math.round(t / unit) * unit).toFixed(Math.min(digits, 20)));
}
