// The levels of loads, over each other: goodput and latency by load, and throughput against latency.

import { OF_MODELS, axis, chart, tooltip } from "../page/charts.js";
import { SHOW } from "../page/format.js";
import { plain } from "../page/text.js";

/** @param {Data.Load[]} loads */
function unit(loads) {
  const names = new Set(loads.flatMap(({ levels }) => levels.map(({ level }) => level.endsWith("/min"))));
  return names.size > 1 ? "Load" : names.has(true) ? "Sessions begun a minute" : "Agents at once";
}

/**
 * @param {Data.Load[]} loads
 * @param {Page.Look} look
 * @param {string} name
 * @param {object} [more]
 */
function frameOf(loads, look, name, more = {}) {
  return {
    grid: { left: 64, right: 24, top: 36, bottom: 56 },
    legend: { top: 0, left: 0, type: "scroll", textStyle: { color: look.ink, fontSize: 13 }, itemWidth: 18 },
    xAxis: axis(look, unit(loads), { type: "value", min: 0, minInterval: 1 }),
    yAxis: axis(look, name, { type: "value", min: 0, nameGap: 44, ...more }),
  };
}

/**
 * @param {number} place
 * @param {Page.Look} look
 */
const colourOf = (place, look) => look.colour(OF_MODELS[place % OF_MODELS.length]);

/** @param {Data.Level[]} levels */
const byLoad = (levels) => [...levels].sort((one, other) => one.load - other.load);

/**
 * The share of good turns, with its interval.
 *
 * @param {Data.Load[]} loads
 */
export function goodput(loads) {
  return chart({
    title: "Good turns",
    about:
      "The share of turns within the objectives at each level; the lines upwards and downwards are its 95% interval.",
    height: 300,
    option: (look) => ({
      ...frameOf(loads, look, "Share of turns, %", { max: 100 }),
      tooltip: tooltip(look, ({ seriesName, data }) => [
        `${seriesName}, ${data.level.level}`,
        `${data.level.good_count} of ${data.level.good_of} turns good`,
        `${SHOW.speed(data.level.good_per_minute)} a minute`,
      ]),
      series: loads.flatMap((load, place) => {
        const levels = byLoad(load.levels).filter(({ good_share }) => good_share !== null);
        return [
          {
            type: "line",
            name: plain(load.label),
            symbolSize: 9,
            itemStyle: { color: colourOf(place, look) },
            lineStyle: { color: colourOf(place, look) },
            data: levels.map((level) => ({ value: [level.load, percent(level.good_share)], level })),
          },
          {
            type: "custom",
            name: plain(load.label),
            silent: true,
            tooltip: { show: false },
            data: levels.map((level) => [level.load, percent(level.good_low), percent(level.good_high)]),
            renderItem: whisker(colourOf(place, look)),
          },
        ];
      }),
    }),
  });
}

/** @param {number | null} share */
const percent = (share) => (share === null ? null : 100 * share);

/** @param {string} colour */
function whisker(colour) {
  return (/** @type {unknown} */ _, /** @type {any} */ api) => {
    const [x, low] = api.coord([api.value(0), api.value(1)]);
    const [, high] = api.coord([api.value(0), api.value(2)]);
    return {
      type: "line",
      shape: { x1: x, y1: low, x2: x, y2: high },
      style: { stroke: colour, lineWidth: 2, opacity: 0.5 },
    };
  };
}

/**
 * Time to the first token, as median and 90th percentile.
 *
 * @param {Data.Load[]} loads
 */
export function latency(loads) {
  const lines = /** @type {const} */ ([
    ["ttft_p50", "median", "solid"],
    ["ttft_p90", "90th percentile", "dashed"],
  ]);
  return chart({
    title: "Time to the first token",
    about: "The median as a line, the 90th percentile dashed; a level with fewer than 10 turns has none.",
    height: 300,
    option: (look) => ({
      ...frameOf(loads, look, "Seconds"),
      tooltip: tooltip(look, ({ seriesName, data }) => [
        `${seriesName}, ${data.level.level}`,
        `first token after ${SHOW.seconds(data.value[1])}`,
        `of ${SHOW.count(data.level.turns)} turns`,
      ]),
      series: loads.flatMap((load, place) =>
        lines.map(([key, words, type]) => ({
          type: "line",
          name: `${plain(load.label)}, ${words}`,
          symbolSize: 8,
          itemStyle: { color: colourOf(place, look) },
          lineStyle: { color: colourOf(place, look), type },
          data: byLoad(load.levels)
            .filter((level) => level[key] !== null)
            .map((level) => ({ value: [level.load, level[key]], level })),
        })),
      ),
    }),
  });
}

/**
 * What the server wrote in a second, against how long an agent waited.
 *
 * @param {Data.Load[]} loads
 */
export function tradeoff(loads) {
  return chart({
    title: "Throughput against time to the first token",
    about: "Each point is a level. Further right: more work done in all. Further up: each agent waits longer.",
    height: 360,
    option: (look) => ({
      ...frameOf(loads, look, "Time to the first token, median, seconds"),
      xAxis: axis(look, "Output tokens per second, all agents together", { type: "value", min: 0 }),
      tooltip: tooltip(look, ({ seriesName, data }) => [
        `${seriesName}, ${data.level.level}`,
        `${SHOW.speed(data.value[0])} tokens/s in all`,
        `first token after ${SHOW.seconds(data.value[1])}`,
      ]),
      series: loads.map((load, place) => ({
        type: "line",
        name: plain(load.label),
        symbolSize: 11,
        itemStyle: { color: colourOf(place, look) },
        lineStyle: { color: colourOf(place, look), opacity: 0.5 },
        label: {
          show: true,
          position: "top",
          color: look.soft,
          formatter: (/** @type {any} */ { data }) => plain(data.level.level),
        },
        data: byLoad(load.levels)
          .filter(({ output_per_second, ttft_p50 }) => output_per_second !== null && ttft_p50 !== null)
          .map((level) => ({ value: [level.output_per_second, level.ttft_p50], level })),
      })),
    }),
  });
}
