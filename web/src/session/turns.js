// The conversation, turn by turn: what was new, what changed since the turn that it continues, and the raw request and
// response. The content of a turn is made when it is opened.

import { rawFolds } from "../exchange/raw.js";
import { changeFold, changes } from "../page/changes.js";
import { conversation } from "../page/conversation.js";
import { DATA } from "../page/data.js";
import { h, put } from "../page/dom.js";
import { figure } from "../page/figures.js";
import { fold } from "../page/fold.js";
import { SHOW, format, pluralize } from "../page/format.js";
import { section } from "../page/frame.js";
import { partsOf, placesOf, textOf } from "../page/parts.js";
import { searchable } from "../page/search.js";
import { readable, preview } from "../page/text.js";
import { agentPicker, beforeAfter, firstTurns, isRunning, labelOf, turnsOf } from "./shown.js";

/** @param {Page.Session} shown */
export function conversationOf(shown) {
  const turns = turnsOf(shown);
  const folds = turns.map((turn) => turnFold(shown, turn, turns.length === 1));
  registerForSearch(shown, new Map(turns.map((turn, place) => [turn.number, folds[place]])));
  const all = (/** @type {boolean} */ open) =>
    h(
      "button",
      {
        class: "quiet",
        type: "button",
        onclick: () => {
          for (const each of folds) each.open = open;
        },
      },
      open ? "Unfold all" : "Fold all",
    );
  return section(
    `${shown.prefix}conversation`,
    "Conversation",
    "What was said, turn by turn",
    agentPicker(shown),
    turns.length > 1 && h("p", { class: "actions" }, all(true), all(false)),
    folds,
  );
}

/**
 * @param {Page.Session} shown
 * @param {Map<number, Page.TurnFold>} folds
 */
function registerForSearch(shown, folds) {
  for (const [place, number] of firstTurns(shown)) {
    const [fold, part] = [folds.get(number), DATA.parts[place]];
    if (fold && part.text !== null)
      searchable(
        () => readable(part, textOf(part)),
        (pattern) => {
          fold.ensure();
          return fold.parts.get(place)?.show(pattern) ?? fold;
        },
      );
  }
}

/**
 * @param {Page.Session} shown
 * @param {Data.Turn} turn
 * @param {boolean} open
 */
function turnFold(shown, turn, open) {
  const id = `${shown.prefix}turn-${turn.number}`;
  const exchange = shown.exchanges[turn.number - 1];
  /** @type {Map<number, Page.PartFold>} */
  const parts = new Map();
  const [asked, answered] = summaryLines(exchange);
  const details = fold({
    id,
    open,
    tone: `turn ${isRunning(shown.report, turn) ? "running" : turn.state}`,
    summary: [
      h("span", { class: "kind" }, `${turn.number}`, shown.report.agents.length > 1 && h("b", {}, ` ${turn.agent}`)),
      h(
        "span",
        { class: "lines" },
        h("span", { class: "preview", dir: "auto" }, asked),
        h("span", { class: "preview", dir: "auto" }, answered || (isRunning(shown.report, turn) ? "…" : turn.note)),
      ),
      h(
        "span",
        { class: "count" },
        format(turn.input_tokens, "tokens"),
        h("small", {}, " tokens"),
        turn.ttft !== null && h("span", { class: "then" }, SHOW.seconds(turn.ttft), h("small", {}, " TTFT")),
      ),
      h("a", { class: "anchor", href: `#${id}`, "aria-label": "Link to this turn" }, "#"),
    ],
    fill: (inside) => {
      const add = (/** @type {Page.PartFold} */ each, /** @type {number} */ place) => {
        if (!parts.has(place)) parts.set(place, each);
        return each;
      };
      put(
        inside,
        turnFacts(shown, turn),
        exchange.raw?.error && h("p", { class: "alarm" }, exchange.raw.error),
        turnBreaks(shown, turn),
        DATA.shared !== "numbers" && [
          asksFor(shown, turn, exchange, id, add),
          answerOf(exchange, id, add),
          wholeRequest(exchange, id),
          rawOf(exchange, id),
        ],
      );
    },
  });
  return /** @type {Page.TurnFold} */ (Object.assign(details, { parts }));
}

/**
 * A line for the newest message or results that were sent, and one for the answer.
 *
 * @param {Data.Exchange} exchange
 */
function summaryLines(exchange) {
  const sent = [];
  const all = placesOf(exchange.parts);
  for (let at = all.length - 1; at >= 0; at--) {
    const part = DATA.parts[all[at]];
    if (part.section !== "messages" || ["assistant", "thinking", "tool_input"].includes(part.kind)) break;
    sent.unshift(part);
  }
  const said = sent.find((part) => part.kind === "user");
  const results = sent.filter((part) => part.kind === "tool_result");
  const asked = results.length
    ? `Result of ${results.map((part) => part.name ?? "a tool").join(", ")}: ${preview(textOf(results[0]))}`
    : preview(textOf(said ?? sent[0] ?? { text: null }));
  const answer = partsOf(exchange.answer);
  const words = answer.find((part) => part.kind === "assistant");
  const calls = answer
    .filter((part) => part.kind === "tool_input")
    .map((part) => `${part.name} ${preview(textOf(part)).slice(0, 80)}`);
  return [
    asked,
    [words && preview(textOf(words)), ...calls]
      .filter(Boolean)
      .map((line) => `→ ${line}`)
      .join("  "),
  ];
}

/**
 * Registers the fold of a part by the part's index, and returns it.
 *
 * @typedef {(fold: Page.PartFold, place: number) => Page.PartFold} Add
 */

/** @type {[name: string, key: keyof Data.Turn, kind: Page.Kind][]} */
const FACTS = [
  ["Input", "input_tokens", "tokens"],
  ["New", "new_tokens", "tokens"],
  ["Reusable", "reusable_tokens", "tokens"],
  ["From the cache", "cached_tokens", "tokens"],
  ["Output", "output_tokens", "tokens"],
  ["TTFT", "ttft", "seconds"],
  ["Decode", "decode_speed", "speed"],
  ["Total", "total", "seconds"],
  ["Cost", "cost", "dollars"],
];
/** @type {Record<string, string>} */
const UNITS = { speed: " tokens/s", tokens: " tokens" };

/**
 * @param {Page.Session} shown
 * @param {Data.Turn} turn
 */
function turnFacts(shown, turn) {
  const place = turn.number - 1;
  return [
    h(
      "p",
      { class: "facts" },
      [
        turn.timestamp.slice(11, 19),
        turn.request_type,
        turn.model,
        turn.state !== "complete" && `${turn.state} ${turn.status ?? ""}`,
        turn.follows !== null && `${turn.why}, after turn ${turn.follows}`,
      ]
        .filter(Boolean)
        .join("  ·  "),
    ),
    h(
      "dl",
      { class: "strip-facts" },
      FACTS.filter(([, key]) => turn[key] !== null && (key !== "cost" || turn.cost)).map(([name, key, kind]) =>
        h(
          "div",
          {},
          h("dt", {}, name),
          h("dd", {}, figure(shown, `report.turns.${place}.${key}`, kind), h("small", {}, UNITS[kind] ?? "")),
        ),
      ),
    ),
  ];
}

/**
 * @param {Page.Session} shown
 * @param {Data.Turn} turn
 */
function turnBreaks(shown, turn) {
  const kept = shown.cache?.turns.find(({ number }) => number === turn.number);
  return (kept?.breaks ?? []).map((each) =>
    h(
      "div",
      { class: "alarm" },
      h(
        "p",
        {},
        h("b", {}, labelOf(shown, each.kind)),
        each.where && `: ${each.where}`,
        each.wasted > 0 && ` — ${SHOW.tokens(each.wasted)} tokens prefilled again`,
        each.seconds !== null && each.seconds > 0 && each.wasted > 0 && `, ${SHOW.seconds(each.seconds)}`,
      ),
      beforeAfter(each),
    ),
  );
}

/**
 * The whole request where a conversation begins; else what changed since the turn that it continues.
 *
 * @param {Page.Session} shown
 * @param {Data.Turn} turn
 * @param {Data.Exchange} exchange
 * @param {string} id
 * @param {Add} add
 */
function asksFor(shown, turn, exchange, id, add) {
  const own = placesOf(exchange.parts);
  if (turn.follows === null) {
    return conversation(
      own.map((place) => DATA.parts[place]),
      `${id}-part-`,
      { silent: true, onFold: (each, at) => add(each, own[at]) },
    );
  }
  const before = shown.exchanges[turn.follows - 1];
  const all = changes([...placesOf(before.parts), ...placesOf(before.answer)], own);
  return h(
    "div",
    { class: "conversation changes" },
    all.map((change, at) => changeFold(change, `${id}-part-${at + 1}`, add)),
  );
}

/**
 * @param {Data.Exchange} exchange
 * @param {string} id
 * @param {Add} add
 */
function answerOf(exchange, id, add) {
  const own = placesOf(exchange.answer);
  return (
    own.length > 0 &&
    h(
      "div",
      { class: "answer" },
      h("h3", {}, "The answer"),
      conversation(
        own.map((place) => DATA.parts[place]),
        `${id}-answer-`,
        { open: true, silent: true, onFold: (each, at) => add(each, own[at]) },
      ),
    )
  );
}

/**
 * @param {Data.Exchange} exchange
 * @param {string} id
 */
function wholeRequest(exchange, id) {
  const parts = partsOf(exchange.parts);
  return fold({
    id: `${id}-whole`,
    tone: "raw",
    summary: [
      h("span", { class: "kind" }, "The whole request"),
      h("span", { class: "preview" }, pluralize(parts.length, "part")),
      h("span"),
    ],
    fill: (inside) => inside.append(conversation(parts, `${id}-whole-`, { silent: true })),
  });
}

/**
 * @param {Data.Exchange} exchange
 * @param {string} id
 */
function rawOf(exchange, id) {
  if (!exchange.raw) return h("p", { class: "note" }, "The file of this exchange is gone.");
  return rawFolds(exchange.raw, `${id}-`);
}
