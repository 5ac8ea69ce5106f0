// What a server's prefix cache kept from turn to turn, what broke it, what that cost, and what to do about it.

import { chart, tooltip } from "../page/charts.js";
import { h } from "../page/dom.js";
import { figure, table } from "../page/figures.js";
import { SHOW } from "../page/format.js";
import { goTo, section } from "../page/frame.js";
import { plain } from "../page/text.js";
import { turnAxes } from "./context.js";
import { STATE, agentPicker, beforeAfter, labelOf } from "./shown.js";

/** @type {["reused" | "needed" | "wasted", string, string][]} */
const KEPT = [
  ["reused", "From the cache, predicted", "right"],
  ["needed", "New", "tools"],
  ["wasted", "Prefilled again", "alarm"],
];

const NAMED = 130; // pixels that the label of a break takes

/** @param {Page.Session} shown */
export function prefixSection(shown) {
  const { cache } = shown;
  if (!cache)
    return section(
      `${shown.prefix}prefix`,
      "Prefix",
      "What the prefix cache kept",
      h("p", {}, "No model was given any of these requests."),
    );
  return section(
    `${shown.prefix}prefix`,
    "Prefix",
    "What the prefix cache kept",
    agentPicker(shown),
    keptChart(shown, cache),
    causesTable(shown, cache),
    remediesList(shown, cache),
  );
}

/**
 * @param {Page.Session} shown
 * @param {Data.Cache} cache
 */
function keptChart(shown, cache) {
  const agents = new Map(shown.report.turns.map((turn) => [turn.number, turn.agent]));
  const turns = cache.turns.filter(({ number }) => !STATE.agent || agents.get(number) === STATE.agent);
  const reported = turns.some((turn) => turn.cached !== null);
  const broken = turns.filter((turn) => turn.wasted > 0);
  const named = new Set(broken.length > 12 ? worstOfEach(broken) : broken);
  return chart({
    title: "Prefix of each turn",
    height: 380,
    many: turns.length > 300,
    about: `Tokens that a server could take from its cache, that were new, and that had to be prefilled again because something before them changed.${reported ? " The dots are what the server says it took from its cache." : ""}`,
    onclick: ({ dataIndex }) => {
      goTo(`${shown.prefix}turn-${turns[dataIndex].number}`);
    },
    option: (look) => ({
      ...turnAxes(look, turns, "Tokens", named.size && upright(look, turns) ? 130 : 20),
      legend: {
        top: 0,
        left: 0,
        type: "scroll",
        itemHeight: 10,
        itemWidth: 14,
        textStyle: { color: look.soft },
        icon: "roundRect",
      },
      tooltip: tooltip(look, (items) => keptLines(shown, turns[items[0].dataIndex]), {
        trigger: "axis",
        axisPointer: { type: "shadow", shadowStyle: { opacity: 0.12 } },
      }),
      series: [
        ...KEPT.map(([key, name, colour]) => ({
          type: "bar",
          stack: "all",
          name,
          barCategoryGap: turns.length > 60 ? 0 : "18%",
          itemStyle: { color: look.colour(colour), opacity: key === "reused" ? 0.75 : 1 },
          data: turns.map((turn) => turn[key]),
          ...(key === "wasted" && { label: breakLabel(shown, turns, named, look) }),
        })),
        ...(reported
          ? [
              {
                type: "scatter",
                name: "Reported by the server",
                symbolSize: turns.length > 120 ? 3 : 7,
                itemStyle: { color: look.ink },
                data: turns.map((turn) => turn.cached),
              },
            ]
          : []),
      ],
    }),
  });
}

/**
 * Whether breaks are labelled vertically, since there is no room otherwise.
 *
 * @param {Page.Look} look
 * @param {unknown[]} turns
 */
function upright(look, turns) {
  return (look.width - 88) / turns.length < NAMED;
}

/**
 * The turn that each cause cost most.
 *
 * @param {Data.CacheTurn[]} broken
 */
function worstOfEach(broken) {
  return [...Map.groupBy(broken, (turn) => turn.culprit).values()].map((turns) =>
    turns.reduce((one, other) => (other.wasted > one.wasted ? other : one)),
  );
}

/**
 * @param {Page.Session} shown
 * @param {Data.CacheTurn[]} turns
 * @param {Set<Data.CacheTurn>} named
 * @param {Page.Look} look
 */
function breakLabel(shown, turns, named, look) {
  return {
    show: true,
    position: "top",
    color: look.colour("alarm"),
    fontSize: 11,
    rotate: upright(look, turns) ? 90 : 0,
    align: upright(look, turns) ? "left" : "center",
    verticalAlign: "middle",
    distance: 8,
    formatter: (/** @type {any} */ { dataIndex }) =>
      named.has(turns[dataIndex]) ? plain(labelOf(shown, turns[dataIndex].culprit)) : "",
  };
}

/**
 * @param {Page.Session} shown
 * @param {Data.CacheTurn} turn
 */
function keptLines(shown, turn) {
  const cost =
    turn.wasted && turn.seconds !== null ? `, ${turn.estimated ? "about " : ""}${SHOW.seconds(turn.seconds)}` : "";
  return [
    `Turn ${turn.number}: ${SHOW.tokens(turn.total)} tokens`,
    ...KEPT.map(([key, name]) => `${SHOW.tokens(turn[key])} ${name.toLowerCase()}${key === "wasted" ? cost : ""}`),
    turn.cached !== null && `${SHOW.tokens(turn.cached)} reported by the server`,
    ...turn.breaks.map((each) => plain(`✗ ${labelOf(shown, each.kind)}: ${each.where}`)),
  ].filter(Boolean);
}

/**
 * @param {Page.Session} shown
 * @param {Data.Cache} cache
 */
function causesTable(shown, cache) {
  const losses = Object.entries(cache.losses);
  if (!losses.length) return h("p", { class: "fine" }, "Nothing broke the prefix.");
  return [
    h("h3", {}, "Causes of the breaks"),
    table(
      [
        { title: "Cause", cell: ([kind]) => h("b", {}, labelOf(shown, kind)) },
        { title: "Turns", number: true, cell: ([kind]) => figure(shown, `cache.losses.${kind}.turns`, "count") },
        { title: "Tokens", number: true, cell: ([kind]) => figure(shown, `cache.losses.${kind}.tokens`, "tokens") },
        { title: "Time", number: true, cell: ([kind]) => figure(shown, `cache.losses.${kind}.seconds`, "seconds") },
        ...(losses.some(([, loss]) => loss.cost)
          ? [
              {
                title: "Cost",
                number: true,
                cell: (/** @type {typeof losses[number]} */ [kind]) =>
                  figure(shown, `cache.losses.${kind}.cost`, "dollars"),
              },
            ]
          : []),
        { title: "Where it cost most", cell: ([kind]) => worst(shown, cache, kind) },
      ],
      losses,
    ),
  ];
}

/**
 * @param {Page.Session} shown
 * @param {Data.Cache} cache
 * @param {string} kind
 */
function worst(shown, cache, kind) {
  const all = cache.turns
    .flatMap((turn) => turn.breaks.map((each) => ({ ...each, turn: turn.number })))
    .filter((each) => each.kind === kind);
  const most = all.reduce((one, other) => (other.wasted > one.wasted ? other : one));
  return [
    h("a", { href: `#${shown.prefix}turn-${most.turn}` }, `turn ${most.turn}`),
    most.where && `, ${most.where}`,
    beforeAfter(most),
  ];
}

/**
 * @param {Page.Session} shown
 * @param {Data.Cache} cache
 */
function remediesList(shown, { remedies }) {
  return (
    remedies.length > 0 && [
      h("h3", {}, "What to do"),
      h(
        "ol",
        { class: "remedies" },
        remedies.map(({ how, seconds }, place) =>
          h(
            "li",
            {},
            h("span", {}, how),
            h(
              "small",
              {},
              "saves ",
              figure(shown, `cache.remedies.${place}.tokens`, "tokens"),
              " tokens",
              seconds !== null && [", ", figure(shown, `cache.remedies.${place}.seconds`, "seconds")],
              place > 0 && ", when those above it are done",
            ),
          ),
        ),
      ),
    ]
  );
}
