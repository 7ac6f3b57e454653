// All that the pictures show of a cell, made of its features, weights and bias; kept for the last cell.

import { angleCounts, bestThreshold, confusionOf, metricCounts, ownAndOther, positivesAndNegatives, predictionsOf, recallsOf } from "./counting.js";
import { scoresOf } from "./programs.js";
import { featuresOf } from "./sweep.js";

export function readCell(view, cell) {
  const { sweep } = view;
  if (view.reading?.cell === cell) return view.reading;
  view.reading = { cell, ...(cell.counts ? readCounts(sweep, cell) : cell.features ? readFeatures(sweep, cell) : {}) };
  return view.reading;
}

function readFeatures(sweep, cell) {
  const { array, header } = sweep;
  const images = header.images[cell.images];
  const labels = array(images.labels);
  const classes = images.classes.length;
  const features = featuresOf(sweep, cell);
  const head = { weights: array(cell.weights), bias: cell.bias && array(cell.bias), centers: cell.centers && array(cell.centers), params: cell.params, matrices: cell.matrices };
  const dimension = head.weights.length / classes;
  const program = header.programs[cell.program];
  const { own, other } = ownAndOther(features, head.weights, labels, dimension);
  const scores = scoresOf(sweep, program, head, features);
  const made = {
    images, labels, classes, features, head, dimension, program,
    own: angleCounts(own, labels, classes), other: angleCounts(other, labels, classes), meanOwn: mean(own), meanOther: mean(other),
  };
  return scores ? { ...made, ...readScores(scores, labels, classes) } : made;
}

function readScores(scores, labels, classes) {
  const predictions = predictionsOf(scores, classes);
  const confusion = confusionOf(labels, predictions, classes);
  const { positive, negative } = positivesAndNegatives(scores, labels, classes);
  return { predictions, confusion, recalls: recallsOf(confusion, classes), metrics: metricCounts(scores, labels, classes), best: bestThreshold(positive, negative) };
}

// Of many dimensions the counts alone were sent.
function readCounts({ array, header }, { counts, images: set }) {
  const images = header.images[set];
  const classes = images.classes.length;
  const confusion = array(counts.confusion);
  const made = {
    images, labels: array(images.labels), classes, dimension: counts.dimension, confusion, recalls: recallsOf(confusion, classes),
    own: array(counts.own), other: array(counts.other),
  };
  if (!counts.positive) return made;
  const [threshold, share] = counts.best ?? [NaN, 0];
  const metrics = { ends: counts.ends, positive: array(counts.positive), negative: array(counts.negative) };
  return { ...made, metrics, best: { threshold, share } };
}

function mean(values) {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
