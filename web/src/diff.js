// The page of two sessions side by side: their sums, what their clients sent, and their turns.

import { changeFold, changes } from "./page/changes.js";
import { DATA } from "./page/data.js";
import { h } from "./page/dom.js";
import { figure, table } from "./page/figures.js";
import { fold } from "./page/fold.js";
import { SHOW, UNKNOWN, format, pluralize } from "./page/format.js";
import { begin, frame, section } from "./page/frame.js";
import { placesOf, textOf } from "./page/parts.js";
import { searchable } from "./page/search.js";
import { readable } from "./page/text.js";

/** @type {["left" | "right", string][]} */
const SIDES = [
  ["left", "A"],
  ["right", "B"],
];

/** @type {Record<string, string>} */
const MATCHES = {
  same: "the same",
  left_history: "in A’s history",
  right_history: "in B’s history",
  answer: "another answer",
  question: "another question",
  left: "only in A",
  right: "only in B",
};

/** @type {[keyof Data.Sums, string, Page.Kind][]} */
const SUMS = [
  ["turns", "Turns", "count"],
  ["agents", "Agents", "count"],
  ["failed", "Failed", "count"],
  ["tool_calls", "Tool calls", "count"],
  ["input_tokens", "Input tokens", "tokens"],
  ["new_tokens", "New tokens", "tokens"],
  ["cached_tokens", "Cached tokens", "tokens"],
  ["output_tokens", "Output tokens", "tokens"],
  ["waiting", "Waiting", "seconds"],
  ["writing", "Writing", "seconds"],
  ["cost", "Cost", "dollars"],
];

/** @type {Record<string, string>} */
const GROUPS = { tools: "Tools", system: "System prompt", reminders: "Reminders" };

function diffPage() {
  const page = /** @type {Data.DiffPage} */ (/** @type {unknown} */ (DATA));
  const { report } = page;
  frame(
    {
      kind: "Two sessions",
      title: DATA.title,
      facts: `${pluralize(report.turns.length, "turn")} side by side`,
      search: "Search what differs",
    },
    section("overview", "Overview", "A and B", sides(report), parting(report), sums(report)),
    report.prompt.parts.length > 0 && promptSection(page),
    turnsSection(page),
  );
}

/** @param {Data.DiffReport} report */
function sides(report) {
  return h(
    "ul",
    {},
    SIDES.map(([side, name]) => {
      const { session, programs, modes, models, began } = report[side];
      const words = [session && `session ${session}`, ...modes, ...models, ...programs, began];
      return h("li", {}, h("b", {}, `${name}: `), words.filter(Boolean).join(", "));
    }),
  );
}

/** Where the two part, in words. @param {Data.DiffReport} report */
function parting({ divergence }) {
  if (!divergence) return h("p", {}, "The turns are the same throughout.");
  const named = SIDES.filter(([side]) => divergence[`${side}_turn`] !== null);
  return h(
    "div",
    { id: "parting" },
    h(
      "p",
      {},
      "They part at ",
      named.map(([side, name], place) => [place ? " and " : "", `turn ${divergence[`${side}_turn`]} of ${name}`]),
      divergence.agent !== "main" && ` (${divergence.agent})`,
      `: ${MATCHES[divergence.match]}.`,
    ),
    DATA.shared !== "numbers" &&
      h(
        "ul",
        {},
        named.map(([side, name]) => h("li", {}, h("b", {}, `${name}: `), divergence[side])),
      ),
  );
}

/** @param {Data.DiffReport} report */
function sums(report) {
  return table(
    [
      { title: "", cell: ([, name]) => name },
      ...SIDES.map(([side, name]) => ({
        title: name,
        number: true,
        cell: (/** @type {[keyof Data.Sums, string, Page.Kind]} */ [key, , kind]) =>
          figure(report, `sums.${key}.${side}`, kind),
      })),
      { title: "Difference", number: true, cell: ([key, , kind]) => signed(report.sums[key].difference, kind) },
    ],
    // without costs where nothing is known to have cost anything
    SUMS.filter(([key]) => key !== "cost" || report.sums.cost.left || report.sums.cost.right),
  );
}

/**
 * @param {number | null} value
 * @param {Page.Kind} kind
 */
function signed(value, kind) {
  if (value === null) return UNKNOWN;
  return value === 0 ? "0" : `${value < 0 ? "−" : "+"}${SHOW[kind](Math.abs(value))}`;
}

/** @param {Data.DiffPage} page */
function promptSection({ report, prompts }) {
  const { prompt } = report;
  const shared = prompt.shared_tokens;
  return section(
    "prompt",
    "Prompts",
    `What the clients sent in turn ${prompt.left_turn} of A and turn ${prompt.right_turn} of B`,
    shared !== null &&
      h(
        "p",
        {},
        `Both prompts begin with the same ${pluralize(shared, "token")}: so far a cache of one serves the other.`,
      ),
    prompt.reordered_tools && h("p", {}, "The tools that both have come in another order."),
    table(
      [
        { title: "Part", cell: (row) => row.label },
        { title: "A", number: true, cell: (row) => format(row.left, "tokens") },
        { title: "B", number: true, cell: (row) => format(row.right, "tokens") },
        {
          title: "Difference",
          number: true,
          cell: (row) => signed((row.right ?? 0) - (row.left ?? 0), "tokens"),
        },
        { title: "Change", cell: (row) => row.change },
      ],
      partRows(prompt.parts),
      { limit: 60 },
    ),
    DATA.shared !== "numbers" && differences(prompts.left, prompts.right, "prompt-")(),
  );
}

/** A row for each group's sum, and one for each part that isn't the same. @param {Data.PartChange[]} parts */
function partRows(parts) {
  return Object.entries(GROUPS).flatMap(([group, title]) => {
    const own = parts.filter((part) => part.group === group);
    if (!own.length) return [];
    const sum = (/** @type {"left" | "right"} */ side) => own.reduce((all, part) => all + (part[side] ?? 0), 0);
    const same = own.filter(({ change }) => change === "same").length;
    return [
      {
        label: h("b", {}, title),
        left: sum("left"),
        right: sum("right"),
        change: `${same} of ${own.length} the same`,
      },
      ...own
        .filter(({ change }) => change !== "same")
        .map((part) => ({
          label: part.where || part.name || UNKNOWN,
          left: part.left,
          right: part.right,
          change: part.kind ? `${part.change}: ${part.kind}` : part.change,
        })),
    ];
  });
}

/**
 * Returns what draws the differences between two lists of parts, in folds. A search finds them, drawn or not: `open`
 * draws what is around them.
 *
 * @param {number} left
 * @param {number} right
 * @param {string} prefix
 * @param {() => void} [open]
 */
function differences(left, right, prefix, open = () => {}) {
  /** @type {Page.Change[]} */
  const found = changes(placesOf(left), placesOf(right));
  found.forEach(({ went, came, changed }, at) => {
    const shown = () => {
      open();
      return /** @type {Page.PartFold} */ (document.getElementById(`${prefix}${at + 1}`));
    };
    const before = changed?.before;
    const now = changed?.after ?? came ?? went;
    if (before !== undefined) findable(before, (pattern) => (shown().showBefore ?? shown().show)(pattern));
    if (now !== undefined) findable(now, (pattern) => shown().show(pattern));
  });
  return () =>
    h(
      "div",
      { class: "conversation changes" },
      found.map((change, at) => changeFold(change, `${prefix}${at + 1}`)),
    );
}

/**
 * @param {number} place
 * @param {Page.Show} show
 */
function findable(place, show) {
  const part = DATA.parts[place];
  searchable(() => readable(part, textOf(part)), show);
}

/** @param {Data.DiffPage} page */
function turnsSection({ report, turns }) {
  const shown = report.turns.map((row, place) => ({ ...row, place }));
  return section(
    "turns",
    "Turns",
    "Turn by turn",
    h("p", { class: "note" }, "Shared: tokens at the beginning of both prompts that are the same."),
    table(
      [
        { title: "A", number: true, cell: (row) => format(row.left_turn, "count") },
        { title: "B", number: true, cell: (row) => format(row.right_turn, "count") },
        { title: "Agent", cell: (row) => row.agent },
        {
          title: "Match",
          cell: (row) =>
            isOpen(row) ? h("a", { href: `#turn-${row.place + 1}` }, MATCHES[row.match]) : MATCHES[row.match],
        },
        ...["shared_tokens", "left_input_tokens", "right_input_tokens"].map(column("tokens")),
        ...["left_output_tokens", "right_output_tokens"].map(column("tokens")),
        ...["left_ttft", "right_ttft"].map(column("seconds")),
        { title: "Calls A", cell: (row) => row.left_tool_calls.join(", ") },
        { title: "Calls B", cell: (row) => row.right_tool_calls.join(", ") },
      ],
      shown,
      { limit: 100 },
    ),
    DATA.shared !== "numbers" && [
      h("h3", {}, "What differs"),
      shown.filter(isOpen).map((row) => turnFold(row, turns[row.place])),
    ],
  );
}

/** @type {Record<string, string>} */
const TITLES = {
  shared_tokens: "Shared",
  left_input_tokens: "Input A",
  right_input_tokens: "Input B",
  left_output_tokens: "Output A",
  right_output_tokens: "Output B",
  left_ttft: "TTFT A",
  right_ttft: "TTFT B",
};

/** @param {Page.Kind} kind */
function column(kind) {
  return (/** @type {string} */ key) => ({
    title: TITLES[key],
    number: true,
    cell: (/** @type {any} */ row) => format(row[key], kind),
  });
}

/** Whether there is something to open about a row. @param {Data.DiffTurn} row */
function isOpen({ match }) {
  return DATA.shared !== "numbers" && !["same", "left_history", "right_history"].includes(match);
}

/**
 * @param {Data.DiffTurn & { place: number }} row
 * @param {Data.TurnParts} parts
 */
function turnFold(row, { asked, answered }) {
  const id = `turn-${row.place + 1}`;
  const named = SIDES.filter(([side]) => row[`${side}_turn`] !== null);
  const open = () => void opened.ensure();
  const [ofAsked, ofAnswered] = [
    differences(asked[0], asked[1], `${id}-asked-`, open),
    differences(answered[0], answered[1], `${id}-answered-`, open),
  ];
  const opened = fold({
    id,
    summary: [
      h("span", { class: "kind" }, named.map(([side, name]) => `turn ${row[`${side}_turn`]} of ${name}`).join(", ")),
      h("span", { class: "preview" }, MATCHES[row.match]),
      h("span", { class: "count" }),
      h("a", { class: "anchor", href: `#${id}`, "aria-label": "Link to this turn" }, "#"),
    ],
    fill: (inside) => inside.append(h("h3", {}, "Asked"), ofAsked(), h("h3", {}, "Answered"), ofAnswered()),
  });
  return opened;
}

begin(diffPage);
