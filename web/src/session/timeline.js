// When everything happened: a lane for each agent with what it did. The axis shortens the time in which only the user was
// active: otherwise a lunch break would hide the session.

import { clipRectByRect } from "../echarts.js";
import { axis, chart, tooltip } from "../page/charts.js";
import { h } from "../page/dom.js";
import { pluralize } from "../page/format.js";
import { goTo } from "../page/frame.js";
import { plain } from "../page/text.js";
import { elapsed, timescale } from "./timescale.js";

/** @type {Record<string, [name: string, colour: string]>} */
export const ACTIVITIES = {
  waiting: ["Waiting for the first token", "system"],
  writing: ["Writing", "tools"],
  tools: ["Tools", "tool-result"],
  retries: ["Retries", "alarm"],
  person: ["User", "quiet"],
  unknown: ["Unknown", "other"],
};

/** @param {Page.Session} shown */
export function timelineChart(shown) {
  const { report, timeline } = shown;
  const lanes = report.agents.filter((agent) => agent.turns).map((agent) => agent.name);
  const scale = timescale(timeline);
  if (!timeline.length) return h("p", { class: "note" }, "No times were recorded in these traces.");
  const wide = report.turns.length > 80;
  return chart({
    about: `A lane for each agent. ${scale.cuts.length ? `Time in which only the user was active is shortened: ${pluralize(scale.cuts.length, "gap")}. ` : ""}Click to read a turn.`,
    height: 96 + 34 * lanes.length + (wide ? 40 : 0),
    many: timeline.length > 400,
    onclick: ({ value }) => {
      if (value?.[3]) goTo(`${shown.prefix}turn-${value[3]}`);
    },
    option: (look) => ({
      grid: {
        left: Math.min(130, 24 + 7 * Math.max(...lanes.map((name) => plain(name).length))),
        right: 24,
        top: 36,
        bottom: wide ? 84 : 44,
      },
      legend: { top: 0, left: 0, itemHeight: 10, itemWidth: 14, textStyle: { color: look.soft }, icon: "roundRect" },
      tooltip: tooltip(look, ({ value, seriesName }) =>
        [
          seriesName,
          `${elapsed(value[4])} from ${elapsed(value[5])}`,
          `turn ${value[3]}, ${plain(lanes[value[2]])}`,
          seriesName === ACTIVITIES.tools[0] && plain(ranBefore(report, value[3])),
        ].filter(Boolean),
      ),
      xAxis: axis(look, "Since the session began", {
        type: "value",
        min: 0,
        max: scale.end,
        axisLabel: {
          color: look.soft,
          fontSize: 12,
          hideOverlap: true,
          showMaxLabel: false,
          formatter: (/** @type {number} */ place) => elapsed(scale.time(place)),
        },
      }),
      yAxis: {
        type: "category",
        data: lanes.map(plain),
        inverse: true,
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { color: look.ink, width: 110, overflow: "truncate" },
      },
      dataZoom: wide
        ? [
            {
              type: "slider",
              height: 18,
              bottom: 8,
              labelFormatter: (/** @type {number} */ place) => elapsed(scale.time(place)),
              textStyle: { color: look.soft },
            },
          ]
        : [],
      series: [
        ...Object.keys(ACTIVITIES)
          .map((activity) => laneSeries(activity, timeline, lanes, scale, look))
          .filter(Boolean),
        cutsSeries(scale, look),
      ],
    }),
  });
}

/**
 * The tools that the turn before called.
 *
 * @param {Data.SessionReport} report
 * @param {number} number
 */
function ranBefore(report, number) {
  const { follows } = report.turns[number - 1];
  return follows === null ? "" : report.turns[follows - 1].tool_calls.join(", ");
}

/**
 * @param {string} activity
 * @param {Data.Span[]} timeline
 * @param {string[]} lanes
 * @param {Page.Timescale} scale
 * @param {Page.Look} look
 */
function laneSeries(activity, timeline, lanes, scale, look) {
  const [name, colour] = ACTIVITIES[activity];
  const data = timeline
    .filter((span) => span.activity === activity)
    .map(({ from, to, agent, turn }) => [
      scale.place(from),
      scale.place(to),
      lanes.indexOf(agent),
      turn,
      to - from,
      from,
    ]);
  if (!data.length) return null;
  return {
    type: "custom",
    name,
    data,
    encode: { x: [0, 1], y: 2 },
    itemStyle: { color: look.colour(colour) },
    renderItem: (/** @type {any} */ lane, /** @type {any} */ item) => {
      const [left, middle] = item.coord([item.value(0), item.value(2)]);
      const [right] = item.coord([item.value(1), item.value(2)]);
      const height = item.size([0, 1])[1] * (activity === "person" ? 0.16 : 0.62);
      const shape = { x: left, y: middle - height / 2, width: Math.max(right - left, 0.6), height, r: 0 };
      return {
        type: "rect",
        shape: clipRectByRect(shape, lane.coordSys) ?? { ...shape, width: 0 },
        style: item.style(),
      };
    },
  };
}

/**
 * @param {Page.Timescale} given
 * @param {Page.Look} look
 */
function cutsSeries({ cuts }, look) {
  const label = {
    show: cuts.length <= 8,
    position: "insideTop",
    color: look.soft,
    fontSize: 11,
    formatter: (/** @type {any} */ { name }) => name,
  };
  return {
    type: "line",
    data: [],
    silent: true,
    markArea: {
      silent: true,
      itemStyle: { color: look.line, opacity: 0.6 },
      label,
      data: cuts.map(({ from, to, seconds }) => [{ xAxis: from, name: elapsed(seconds) }, { xAxis: to }]),
    },
  };
}
