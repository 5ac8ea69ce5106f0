// The page of an exam: for each model, how often it did what the recording did, in all and by tool, with examples.

import { DATA } from "./page/data.js";
import { h } from "./page/dom.js";
import { bar, table } from "./page/figures.js";
import { SHOW, UNKNOWN, pluralize } from "./page/format.js";
import { begin, frame, section } from "./page/frame.js";

const EXAM = /** @type {Data.ExamPage} */ (/** @type {unknown} */ (DATA));

/** @type {Record<string, string>} */
const CHECKS = {
  right: "All as recorded",
  calls: "Calls a tool where the recording did",
  calls_nothing: "Calls nothing where the recording called nothing",
  same_tool: "The same tool",
  known_tool: "A tool that the request offers",
  arguments_parse: "Arguments are complete JSON",
  parameters_known: "Only parameters that the tool has",
  arguments_fit: "Arguments fit the tool’s schema",
  arguments_agree: "Arguments mean what the recorded ones do",
  all_calls: "Several calls: the same set",
  whole: "The answer is complete",
};

function examPage() {
  const { models, questions, of } = EXAM;
  frame(
    {
      kind: "Exam",
      title: models.length > 2 ? `${models.length} models examined` : models.map(({ label }) => label).join(" · "),
      facts: [
        `session ${EXAM.request}`,
        questions < of ? `${questions} of ${of} turns, chosen by tool` : pluralize(questions, "turn"),
        pluralize(models.length, "model"),
        EXAM.runs > 1 && `${EXAM.runs} answers to each`,
      ]
        .filter(Boolean)
        .join("  ·  "),
    },
    section("overview", "Overview", "Who did what the recording did?", overview(), cautions()),
    section("checks", "Questions", "Question by question", checks()),
    section("tools", "Tools", "Tool by tool", tools()),
    EXAM.mistakes.length > 0 && section("mistakes", "Mistakes", "What went wrong, with an example each", mistakes()),
    EXAM.pairs.length > 0 && section("pairs", "Pairs", "Turn by turn against another model", pairs()),
    EXAM.drift.length > 0 && section("drift", "Drift", "Compared with earlier exams", drift()),
    section("answers", "Turns", "Every turn", turns()),
  );
}

function overview() {
  return table(
    [
      { title: "Model", cell: (model) => [model.label, model.control && h("small", {}, " recorded")] },
      { title: "Right, 95% interval", cell: (model) => shareOf(model.checks.right, model.open) },
      { title: "Answers", number: true, cell: (model) => String(model.answers) },
      { title: "Failed", number: true, cell: (model) => String(model.failed) },
      { title: "Made-up tools", number: true, cell: (model) => String(model.made_up) },
      { title: "Cut off, empty", number: true, cell: (model) => String(model.cut_off) },
      { title: "Next action after", number: true, cell: (model) => seconds(model.next_action) },
      {
        title: "95% interval",
        number: true,
        cell: (model) =>
          model.next_action_low === null || model.next_action_high === null
            ? UNKNOWN
            : `${SHOW.seconds(model.next_action_low)} to ${SHOW.seconds(model.next_action_high)}`,
      },
    ],
    EXAM.models,
  );
}

function cautions() {
  const leftOut = EXAM.left_out.filter(Boolean);
  return [
    leftOut.length > 0 && h("p", { class: "note" }, `Left out: ${leftOut.join(", ")}.`),
    EXAM.cautions.length > 0 &&
      h(
        "ul",
        { class: "warnings" },
        EXAM.cautions.map((line) => h("li", {}, "⚠ ", line)),
      ),
  ];
}

function checks() {
  return table(
    [
      { title: "Question", cell: (key) => CHECKS[key] },
      ...EXAM.models.map((model) => ({
        title: model.label,
        cell: (/** @type {string} */ key) => shareOf(model.checks[key] ?? null),
      })),
    ],
    EXAM.checks.map(({ question }) => question).filter((key) => EXAM.models.some((model) => model.checks[key])),
  );
}

function tools() {
  const rows = EXAM.models.flatMap((model) => model.tools.map((tool) => ({ ...tool, label: model.label })));
  return table(
    [
      { title: "Tool", cell: (row) => row.name },
      { title: "Model", cell: (row) => row.label },
      { title: "Recorded", number: true, cell: (row) => String(row.calls) },
      { title: "Called", cell: (row) => shareOf(row.checks.calls_nothing ?? row.checks.calls ?? null) },
      { title: "Fit", number: true, cell: (row) => counts(row.checks.arguments_fit) },
      { title: "Agree", number: true, cell: (row) => counts(row.checks.arguments_agree) },
      { title: "Called elsewhere", number: true, cell: (row) => String(row.unasked) },
      { title: "Next action after", number: true, cell: (row) => seconds(row.next_action) },
    ],
    rows.sort((one, other) => other.calls - one.calls || one.name.localeCompare(other.name)),
  );
}

function mistakes() {
  return table(
    [
      { title: "Model", cell: (row) => row.label },
      { title: "Mistake", cell: (row) => EXAM.kinds.find(({ kind }) => kind === row.kind)?.note ?? row.kind },
      { title: "Times", number: true, cell: (row) => String(row.times) },
      { title: "Turn", number: true, cell: (row) => String(row.turn) },
      { title: "Such as", cell: (row) => row.detail || row.name },
      { title: "Recorded", cell: (row) => h("code", {}, row.recorded) },
      { title: "Answered", cell: (row) => h("code", {}, row.answered) },
    ],
    EXAM.mistakes,
  );
}

function pairs() {
  return table(
    [
      { title: "Model", cell: (row) => row.one },
      { title: "Against", cell: (row) => [row.other, row.control && h("small", {}, " recorded")] },
      { title: "Turns", number: true, cell: (row) => String(row.n) },
      { title: "Only it was right", number: true, cell: (row) => String(row.better) },
      { title: "Only the other was", number: true, cell: (row) => String(row.worse) },
      { title: "p, McNemar", number: true, cell: (row) => row.p.toPrecision(3) },
      { title: "", cell: (row) => (row.shown ? "a difference" : "no difference shown") },
    ],
    EXAM.pairs,
  );
}

function drift() {
  return table(
    [
      { title: "Model", cell: (row) => row.label },
      { title: "Then", cell: (row) => row.began.slice(0, 10) },
      { title: "Right then", cell: (row) => shareOf(row.share_then) },
      { title: "Right now", cell: (row) => shareOf(row.share_now) },
      { title: "", cell: (row) => row.note },
    ],
    EXAM.drift,
  );
}

function turns() {
  return table(
    [
      { title: "Turn", number: true, cell: (row) => String(row.turn) },
      { title: "Model", cell: (row) => row.label },
      { title: "Recorded", cell: (row) => names(row.recorded_tools) },
      { title: "Called", cell: (row) => names(row.called_tools) },
      {
        title: "Right",
        cell: (row) =>
          row.error !== null
            ? h("span", { class: "alarm" }, row.error || "failed")
            : row.right === null
              ? "?"
              : h("span", { class: row.right ? "right" : "wrong" }, row.right ? "✓" : "✗"),
      },
      { title: "Next action after", number: true, cell: (row) => seconds(row.next_action) },
    ],
    [...EXAM.answers].sort((one, other) => one.turn - other.turn),
    { limit: 40 },
  );
}

/** @param {{ name: string }[]} tools */
function names(tools) {
  return tools.map(({ name }) => name).join(", ") || h("span", { class: "note" }, "no tool");
}

/** @param {number | null} value */
function seconds(value) {
  return value === null ? UNKNOWN : SHOW.seconds(value);
}

/** @param {Data.Share | null | undefined} share */
function counts(share) {
  return share ? `${+share.passed.toFixed(2)} of ${share.of}` : UNKNOWN;
}

/**
 * A share with its bar, its interval and its cases.
 *
 * @param {Data.Share | null | undefined} share
 * @param {number} [open]
 */
function shareOf(share, open = 0) {
  const percent = (/** @type {number} */ value) => `${Math.round(100 * value)}%`;
  const unknown = open > 0 && h("span", { class: "note" }, ` ? ${open} can’t be compared`);
  if (!share) return [UNKNOWN, unknown];
  return [
    bar(share.share),
    ` ${percent(share.share)} `,
    h("small", {}, `[${percent(share.low)}, ${percent(share.high)}] of\u00a0${share.of}`),
    unknown,
  ];
}

begin(examPage);
