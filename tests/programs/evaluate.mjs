// Evaluates programs of a pack: node evaluate.mjs FOLDER < cases.json > values.json
//
// A case: { loss, id, inputs: [...], points: [[z1, z2], ...], classes }; its answer: { heights, scores }.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const { losses } = JSON.parse(readFileSync(join(folder, "index.json"), "utf8"));
const modules = {};
for (const [key, { module }] of Object.entries(losses)) {
  modules[key] = (await import(pathToFileURL(join(folder, module)))).default;
}
const answers = JSON.parse(readFileSync(0, "utf8")).map(({ loss, id, inputs, points, classes }) => {
  const run = modules[loss][id];
  const heights = [];
  const scores = Array.from({ length: classes }, () => []);
  for (const [x, y] of points) {
    const height = new Float64Array(1);
    const logits = Array.from({ length: classes }, () => new Float64Array(1));
    run(Float64Array.from(inputs), [x], [y], height, logits);
    heights.push(height[0]);
    logits.forEach((logit, k) => scores[k].push(logit[0]));
  }
  return { heights, scores };
});
process.stdout.write(JSON.stringify(answers));
