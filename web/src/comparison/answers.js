// Whether the answers were correct, and the answers themselves side by side.

import { OF_MODELS } from "../page/charts.js";
import { conversation } from "../page/conversation.js";
import { h } from "../page/dom.js";
import { table } from "../page/figures.js";
import { UNKNOWN } from "../page/format.js";
import { partsOf } from "../page/parts.js";
import { plain } from "../page/text.js";

/** @type {Record<string, string>} */
const QUESTIONS = {
  calls_a_tool: "Calls a tool, or none, as recorded",
  same_tool: "The same tool",
  known_tool: "A tool that the request offers",
  arguments_parse: "Arguments are complete JSON",
  arguments_fit: "Arguments fit the tool’s schema",
  whole: "The answer is complete",
  in_order: "The stream’s events in order",
};

/**
 * @param {Data.Comparison} comparison
 * @param {Data.Contender[]} contenders
 */
export function verdicts(comparison, contenders) {
  const names = Object.keys(QUESTIONS).filter((name) => contenders.some(({ questions }) => questions[name]));
  if (!names.length) return h("p", { class: "note" }, "None of these answers could be checked.");
  const mark = (/** @type {Data.Passed | undefined} */ asked) => {
    if (!asked) return h("span", { class: "note" }, UNKNOWN);
    const [passed, of] = asked;
    return passedOf(passed, of);
  };
  return [
    table(
      [
        { title: "Question", cell: (name) => QUESTIONS[name] },
        ...contenders.map(({ label, questions }) => ({
          title: label,
          cell: (/** @type {string} */ name) => mark(questions[name]),
        })),
      ],
      names,
    ),
    comparison.wrong.length > 0 && [
      h("h3", {}, "What was wrong"),
      table(
        [
          { title: "Model", cell: ([row]) => row.model },
          { title: "Runs", cell: (rows) => rows.map(({ round }) => round).join(", ") },
          { title: "", cell: ([row]) => row.detail || QUESTIONS[row.question] },
        ],
        [...Map.groupBy(comparison.wrong, (row) => JSON.stringify([row.model, row.question, row.detail])).values()],
      ),
    ],
    comparison.control && controlTable(comparison.control),
    comparison.unjudged.length > 0 && [
      h("h3", {}, "What could not be judged"),
      table(
        [
          { title: "Model", cell: ([row]) => row.model },
          { title: "Runs", cell: (rows) => rows.map(({ round }) => round).join(", ") },
          { title: "", cell: ([row]) => row.detail },
        ],
        [...Map.groupBy(comparison.unjudged, (row) => JSON.stringify([row.model, row.detail])).values()],
      ),
    ],
    comparison.failures.length > 0 && [
      h("h3", {}, "Runs that failed"),
      table(
        [
          { title: "Model", cell: (row) => row.model },
          { title: "Run", number: true, cell: (row) => String(row.round) },
          { title: "", cell: (row) => row.message },
        ],
        comparison.failures,
      ),
    ],
  ];
}

/** @param {Data.Control} control */
function controlTable({ others, ...own }) {
  const percent = (/** @type {number} */ share) => `${Math.round(100 * share)}%`;
  return [
    h("h3", {}, "Agreement with the recording"),
    table(
      [
        { title: "Model", cell: (row) => row.model },
        { title: "Agrees", cell: (row) => `${row.agreed} of ${row.compared}` },
        { title: "95% interval", number: true, cell: (row) => `${percent(row.low)} to ${percent(row.high)}` },
        { title: "", cell: (row) => row.standing },
      ],
      [
        { ...own, standing: "the model that was recorded" },
        ...others.map((one) => ({
          ...one,
          standing: one.differs ? "differs more often than that model itself" : "no difference shown",
        })),
      ],
    ),
  ];
}

/**
 * @param {number} passed
 * @param {number} of
 */
export function passedOf(passed, of) {
  return h(
    "span",
    { class: passed === of ? "right" : "wrong" },
    passed ? "✓" : "✗",
    h("small", {}, ` ${passed} of ${of}`),
  );
}

/**
 * @param {Data.Contender[]} contenders
 * @param {string} prefix
 */
export function answers(contenders, prefix) {
  return h(
    "div",
    { class: "answers" },
    contenders.map((contender, place) => answerColumn(contender, place, `${prefix}answer-${place + 1}-`)),
  );
}

/**
 * One model's answers, with a menu to choose the run.
 *
 * @param {Data.Contender} given
 * @param {number} place
 * @param {string} prefix
 */
function answerColumn({ label, runs }, place, prefix) {
  const bodies = runs.map((run, number) =>
    h(
      "div",
      {},
      run.error !== null
        ? h("p", { class: "alarm" }, run.error)
        : conversation(partsOf(run.answer), `${prefix}${number + 1}-`, { open: true }),
      run.wrong.map((detail) => h("p", { class: "wrong note" }, "✗ ", detail)),
      run.unjudged.map((detail) => h("p", { class: "note" }, "? ", detail)),
      h(
        "p",
        { class: "note" },
        [run.stop_reason && `stop reason ${run.stop_reason}`, ...run.notes].filter(Boolean).join(" · "),
      ),
    ),
  );
  const choose = (/** @type {number} */ number) => {
    chosen.value = String(number);
    bodies.forEach((body, each) => (body.hidden = each !== number));
  };
  const chosen = h(
    "select",
    { "aria-label": `Run of ${plain(label)}`, onchange: () => choose(Number(chosen.value)) },
    runs.map((run, number) =>
      h("option", { value: number }, `Run ${run.round}${run.error === null ? "" : ", failed"}`),
    ),
  );
  bodies.forEach((body, number) => Object.assign(body, { reveal: () => choose(number) }));
  choose(0);
  return h("div", {}, h("header", {}, h("h3", {}, swatch(place), label), chosen), bodies);
}

/** @param {number} place */
export function swatch(place) {
  const dot = h("i", { class: "swatch" });
  dot.style.background = `var(--${OF_MODELS[place % OF_MODELS.length]})`;
  return dot;
}
