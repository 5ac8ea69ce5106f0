// What a session's requests consist of: how the context grows from turn to turn, and a map of it in one turn.

import { partsMap } from "../exchange/tokens.js";
import { axis, chart, tooltip } from "../page/charts.js";
import { DATA } from "../page/data.js";
import { h } from "../page/dom.js";
import { SHOW, format } from "../page/format.js";
import { goTo } from "../page/frame.js";
import { KINDS, partsOf, placesOf } from "../page/parts.js";
import { plain } from "../page/text.js";
import { STATE, goToPart, turnsOf } from "./shown.js";

const GROWTH = [
  ["tools", "Tools"],
  ["mcp", "MCP tools"],
  ["system", "System prompt"],
  ["claude-md", "CLAUDE.md, AGENTS.md"],
  ["reminder", "System reminders"],
  ["user", "User"],
  ["assistant", "Assistant"],
  ["thinking", "Thinking"],
  ["tool-input", "Tool calls"],
  ["tool-result", "Tool results"],
  ["other", "Other"],
];

/**
 * The colour of a part, which also names the kind that it is stacked with.
 *
 * @param {Data.Part} part
 */
function colourOf(part) {
  return part.server ? "mcp" : (KINDS[part.kind] ?? KINDS.other).colour;
}

/**
 * Tokens of each kind in a turn, in the server's tokens where it reports a total: `input_tokens` is their sum.
 *
 * @param {Page.Session} shown
 * @param {Data.Turn} turn
 */
function kindsOf(shown, turn) {
  const sums = Object.fromEntries(GROWTH.map(([kind]) => [kind, 0]));
  const scale = turn.counted_tokens && turn.input_tokens ? turn.input_tokens / turn.counted_tokens : 0;
  for (const part of partsOf(shown.exchanges[turn.number - 1].parts))
    sums[colourOf(part)] += (part.tokens ?? 0) * scale;
  return sums;
}

/** @param {Page.Session} shown */
export function growthChart(shown) {
  const turns = turnsOf(shown);
  const kinds = turns.map((turn) => kindsOf(shown, turn));
  const there = GROWTH.filter(([kind]) => kinds.some((sums) => sums[kind] > 0));
  return chart({
    title: "Context of each turn",
    height: 340,
    many: turns.length * there.length > 1500,
    about: "Input tokens by kind. Click a turn to read it.",
    onclick: ({ dataIndex }) => {
      goTo(`${shown.prefix}turn-${turns[dataIndex].number}`);
    },
    option: (look) => ({
      ...turnAxes(look, turns, "Tokens"),
      legend: {
        top: 0,
        left: 0,
        type: "scroll",
        itemHeight: 10,
        itemWidth: 14,
        textStyle: { color: look.soft },
        icon: "roundRect",
      },
      tooltip: tooltip(
        look,
        (/** @type {any[]} */ items) => [
          turnName(turns[items[0].dataIndex]),
          `${format(turns[items[0].dataIndex].input_tokens, "tokens")} tokens`,
          ...items
            .filter(({ value }) => value >= 0.5)
            .reverse()
            .map(({ value, seriesName }) => `${SHOW.tokens(Math.round(value))} ${seriesName}`),
        ],
        { trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { opacity: 0.12 } } },
      ),
      series: there.map(([kind, name]) => ({
        type: "bar",
        stack: "all",
        name,
        barCategoryGap: turns.length > 60 ? 0 : "18%",
        data: kinds.map((sums) => sums[kind]),
        itemStyle: { color: look.colour(kind) },
      })),
    }),
  });
}

/** @param {Data.Turn} turn */
function turnName(turn) {
  return plain(`Turn ${turn.number}, ${turn.agent}, ${turn.request_type}`);
}

/**
 * Axes with turns from left to right, and `room` above them.
 *
 * @param {Page.Look} look
 * @param {{ number: number }[]} turns
 * @param {string} name
 * @param {number} [room]
 */
export function turnAxes(look, turns, name, room = 0) {
  return {
    grid: { left: 64, right: 24, top: 40 + room, bottom: 48 },
    xAxis: axis(look, "Turn", {
      type: "category",
      nameGap: 28,
      splitLine: { show: false },
      data: turns.map((turn) => String(turn.number)),
    }),
    yAxis: axis(look, name, { type: "value", nameGap: 48 }),
  };
}

/**
 * A map of all parts of one turn's request, and a slider to choose the turn.
 *
 * @param {Page.Session} shown
 */
export function contextMap(shown) {
  const turns = turnsOf(shown);
  const size = (/** @type {Data.Turn} */ turn) => turn.input_tokens ?? 0;
  const largest = turns.reduce((most, turn, place) => (size(turn) > size(turns[most]) ? place : most), 0);
  let at = Math.min(STATE.mapped ?? largest, turns.length - 1);
  const parts = () => partsOf(shown.exchanges[turns[at].number - 1].parts);
  if (!parts().some((part) => part.tokens)) return null;
  const map = partsMap({
    title: "Every part of a turn’s request",
    about: `Each tile is one part, as large as its tokens.${DATA.shared === "numbers" ? "" : " Click one to read it where it first came."}`,
    parts,
    go: (place) =>
      placesOf(shown.exchanges[turns[at].number - 1].parts)
        .slice(place, place + 1)
        .forEach((part) => goToPart(shown, part)),
  });
  const label = h("output", {}, turnName(turns[at]));
  const slider = h("input", {
    type: "range",
    min: 0,
    max: turns.length - 1,
    value: at,
    "aria-label": "Turn",
    oninput: () => {
      at = STATE.mapped = Number(slider.value);
      label.textContent = turnName(turns[at]);
      map.redraw();
    },
  });
  return [turns.length > 1 && h("p", { class: "slider" }, slider, label), map];
}
