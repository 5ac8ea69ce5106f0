// What was changed in a request, and whether the model still does with it what it does without.

import { h } from "../page/dom.js";
import { table } from "../page/figures.js";

/** @type {Record<string, string>} */
const QUESTIONS = { calls: "Calls as recorded", correct: "Correct" };

/** @param {Data.Changed[]} variants */
export function changed(variants) {
  return variants.map(({ model, changes, effects }) => [
    h("h3", {}, model),
    h("pre", {}, changes.map(line)),
    effects.length > 0 &&
      table(
        [
          { title: "In how many runs", cell: (row) => QUESTIONS[row.question] },
          { title: "With the change", cell: rates },
          { title: "Without", cell: (row) => rates(row.unchanged) },
          { title: "p, McNemar", number: true, cell: (row) => row.p.toPrecision(3) },
          { title: "", cell: (row) => (row.shown ? "a difference" : "no difference shown") },
        ],
        effects,
      ),
  ]);
}

/** @param {string} text */
function line(text) {
  return [text.startsWith("+") ? h("ins", {}, text) : text.startsWith("-") ? h("del", {}, text) : text, "\n"];
}

/** @param {{ passed: number, of: number, low: number, high: number }} given */
function rates({ passed, of, low, high }) {
  const percent = (/** @type {number} */ share) => `${Math.round(100 * share)}%`;
  return [`${passed} of ${of} `, h("small", {}, `[${percent(low)}, ${percent(high)}]`)];
}
