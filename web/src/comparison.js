// The page of a comparison: for each request that was replayed, which model was fastest, and whether the answers were correct.

import { answers, passedOf, swatch, verdicts } from "./comparison/answers.js";
import { changed } from "./comparison/changed.js";
import { MEASURES, SPREADS, arrivalCurves, prefillAgainstDecode, spread } from "./comparison/runs.js";
import { DATA } from "./page/data.js";
import { h } from "./page/dom.js";
import { figure, table } from "./page/figures.js";
import { UNKNOWN, SHOW, pluralize } from "./page/format.js";
import { begin, frame, section } from "./page/frame.js";

/** @typedef {Data.Difference & { measure: string, one: string, other: string }} Difference */

/** @typedef {[id: string, name: string, heading: string, ...children: Page.Child[]]} Block */

function comparisonPage() {
  const { report, requests } = /** @type {Data.ComparisonPage} */ (/** @type {unknown} */ (DATA));
  const models = [...new Set(requests.flat().map(({ label }) => label))];
  const runs = requests.flat().reduce((sum, contender) => sum + contender.runs.length, 0);
  const several = requests.length > 1;
  const blocks = requests.map((contenders, place) =>
    requestBlocks(report, contenders, place, several ? `request-${place + 1}-` : ""),
  );
  frame(
    {
      kind: "Comparison",
      title: models.length > 2 ? `${models.length} models compared` : models.join(" · "),
      lead: models.length > 2 && models.map((label, place) => h("span", { class: "badge" }, swatch(place), label)),
      facts: [
        pluralize(models.length, "model"),
        pluralize(runs, "run"),
        several ? pluralize(requests.length, "request") : `request ${report.comparisons[0].request}`,
      ].join("  ·  "),
    },
    warnings(report),
    several ? across(report.across_requests) : null,
    several
      ? blocks.map((all, place) =>
          h(
            "section",
            { id: `request-${place + 1}`, "data-name": `Request ${place + 1}` },
            h("h2", {}, report.comparisons[place].request),
            all.map(([, , heading, ...children]) => [h("h3", {}, heading), h("div", { class: "block" }, children)]),
          ),
        )
      : blocks[0].map((block) => section(...block)),
  );
}

/**
 * [id, name, heading, ...children] of each section.
 *
 * @param {Data.ComparisonReport} report
 * @param {Data.Contender[]} contenders
 * @param {number} place
 * @param {string} prefix
 * @returns {Block[]}
 */
function requestBlocks(report, contenders, place, prefix) {
  const comparison = report.comparisons[place];
  const rows = comparison.models;
  /** @type {(Block | null)[]} */
  const blocks = [
    [
      `${prefix}overview`,
      "Overview",
      "Which model to choose",
      advice(comparison),
      overview(report, place),
      differences(comparison),
    ],
    [`${prefix}speed`, "Speed", "How fast, run by run", SPREADS.map((each) => spread(rows, contenders, each))],
    [
      `${prefix}tradeoff`,
      "Prefill and decode",
      "Prefill and decode",
      prefillAgainstDecode(contenders),
      arrivalCurves(contenders),
    ],
    comparison.variants.length > 0
      ? [`${prefix}changes`, "Changes", "What the changes of the request did", changed(comparison.variants)]
      : null,
    [`${prefix}verdicts`, "Correctness", "Were the answers correct?", verdicts(comparison, contenders)],
    DATA.shared === "numbers"
      ? null
      : [`${prefix}answers`, "Answers", "The answers side by side", answers(contenders, prefix)],
  ];
  return blocks.filter((block) => block !== null);
}

/** @param {Data.ComparisonReport} report */
function warnings(report) {
  if (!report.cautions.length) return null;
  return h(
    "section",
    { id: "warnings", "data-name": "Warnings" },
    h(
      "details",
      { class: "fold" },
      h(
        "summary",
        {},
        h("span", { class: "kind" }, "⚠ ", pluralize(report.cautions.length, "warning")),
        h("span", { class: "preview" }, report.cautions[0]),
      ),
      h(
        "ul",
        { class: "warnings inside" },
        report.cautions.map((line) => h("li", {}, line)),
      ),
    ),
  );
}

/** @param {Data.Comparison} comparison */
function advice(comparison) {
  if (!comparison.advice.length) return null;
  return h(
    "ul",
    { class: "advice" },
    comparison.advice.map((line) => {
      const [title, ...rest] = line.split(": ");
      return h("li", {}, rest.length ? [h("b", {}, title), ": ", rest.join(": ")] : line);
    }),
  );
}

/**
 * @param {Data.ComparisonReport} report
 * @param {number} place
 */
function overview(report, place) {
  const comparison = report.comparisons[place];
  const known = MEASURES.filter(({ key }) => comparison.models.some((row) => row[key] !== null));
  /**
   * @param {Data.ModelRow} row
   * @param {string} measure
   */
  const path = (row, measure) => `comparisons.${place}.models.${comparison.models.indexOf(row)}.${measure}`;
  return table(
    [
      { title: "Model", cell: (row) => row.model },
      {
        title: "Runs",
        number: true,
        cell: (row) => (row.failed ? `${row.runs - row.failed} of ${row.runs}` : String(row.runs)),
      },
      {
        title: "Correct",
        cell: (row) => [
          row.judged ? passedOf(row.right ?? 0, row.judged) : row.unjudged ? "" : UNKNOWN,
          row.unjudged > 0 && h("span", { class: "note" }, " ?", h("small", {}, ` ${row.unjudged} not judged`)),
        ],
      },
      ...known.map(({ key, column, kind }) => ({
        title: column,
        number: true,
        cell: (/** @type {Data.ModelRow} */ row) => figure(report, path(row, key), kind),
      })),
    ],
    comparison.models,
  );
}

/** @param {Data.Comparison} comparison */
function differences(comparison) {
  const rows = Object.entries(comparison.differences).flatMap(([measure, { best, others }]) =>
    Object.entries(others).map(([label, difference]) => ({ measure, one: label, other: best, ...difference })),
  );
  return rows.length ? [h("h3", {}, "Difference from the best"), differenceTable(rows)] : null;
}

/** @param {Data.Across[]} rows */
function across(rows) {
  return rows.length ? section("across", "All requests", "Over all requests, in pairs", differenceTable(rows)) : null;
}

/** @param {Difference[]} rows */
function differenceTable(rows) {
  const of = (/** @type {string} */ measure) => MEASURES.find(({ key }) => key === measure);
  const show = (/** @type {string} */ measure) => (of(measure)?.kind === "speed" ? SHOW.speed : SHOW.seconds);
  /**
   * @param {string} measure
   * @param {number} value
   */
  const signed = (measure, value) => `${value < 0 ? "−" : "+"}${show(measure)(Math.abs(value))}`;
  return table(
    [
      { title: "Model", cell: (row) => row.one },
      { title: "Measure", cell: (row) => of(row.measure)?.name },
      {
        title: "Difference, 95% interval",
        number: true,
        cell: (row) =>
          row.shown
            ? `${signed(row.measure, row.value)} [${signed(row.measure, row.low)}, ${signed(row.measure, row.high)}]`
            : "no difference shown",
      },
      {
        title: "",
        cell: (row) =>
          h("small", {}, row.shown && row.ratio ? `${row.ratio.toFixed(2)}× that of ${row.other}` : `to ${row.other}`),
      },
    ],
    rows,
  );
}

begin(comparisonPage);
