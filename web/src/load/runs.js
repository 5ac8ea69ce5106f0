// One run of a level: what each agent waited for, what the cache gave, and what the server told meanwhile.

import { axis, chart, tooltip } from "../page/charts.js";
import { SHOW, UNKNOWN } from "../page/format.js";
import { plain } from "../page/text.js";

const BINS = 24;

/**
 * The timeline: a line for each agent, on which every request waits (pale), and then writes.
 *
 * @param {Data.Load} load
 * @param {Data.LoadRun} run
 */
export function lanes(load, run) {
  const count = Math.max(1, ...run.rows.map(([lane]) => lane));
  const end = Math.max(load.duration, ...run.rows.map(([, sent, , total]) => sent + total));
  return chart({
    title: "Agents over time",
    about:
      "Each line is an agent. Pale: it waits for the first token; full: the answer is written; red: not good, or failed; nothing: tools or the person are busy.",
    height: Math.min(900, 84 + Math.max(6, Math.min(22, 600 / count)) * count),
    many: true,
    option: (look) => ({
      grid: { left: 56, right: 24, top: 12, bottom: 56 },
      tooltip: tooltip(look, ({ data }) => describe(data.row)),
      xAxis: axis(look, "Seconds since the level began", { type: "value", min: 0, max: Math.ceil(end) }),
      yAxis: axis(look, "Agent", { type: "value", min: 0, max: count + 1, minInterval: 1, inverse: true, nameGap: 36 }),
      series: [
        {
          type: "custom",
          encode: { x: [0, 1, 2], y: 3 },
          data: run.rows.map((row) => ({ value: [row[1], row[1] + (row[2] ?? row[3]), row[1] + row[3], row[0]], row })),
          renderItem: request(look, run),
        },
      ],
    }),
  });
}

/**
 * @param {Page.Look} look
 * @param {Data.LoadRun} run
 */
function request(look, run) {
  return (/** @type {any} */ params, /** @type {any} */ api) => {
    const row = run.rows[params.dataIndex];
    const [begin, first, end] = [0, 1, 2].map((at) => api.coord([api.value(at), api.value(3)])[0]);
    const [, y] = api.coord([api.value(0), api.value(3)]);
    const height = Math.max(2, Math.min(14, 0.7 * api.size([0, 1])[1]));
    const colour = row[4] !== null || !row[5] ? look.colour("alarm") : look.colour("one");
    const piece = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ opacity) => ({
      type: "rect",
      shape: { x: from, y: y - height / 2, width: Math.max(1, to - from), height },
      style: { fill: colour, opacity },
    });
    return { type: "group", children: [piece(begin, first, 0.35), piece(first, end, 0.95)] };
  };
}

/** @param {Data.LoadRow} row */
function describe([lane, sent, ttft, total, error, , turn, agent, input, cached]) {
  return [
    `Agent ${lane}, turn ${turn}${agent === "main" ? "" : `, ${plain(agent)}`}`,
    `sent after ${SHOW.seconds(sent)}`,
    error !== null ? `failed: ${plain(error)}` : `first token after ${ttft === null ? UNKNOWN : SHOW.seconds(ttft)}`,
    `over after ${SHOW.seconds(total)}`,
    input !== null && `${SHOW.tokens(input)} tokens${cached === null ? "" : `, ${SHOW.tokens(cached)} from the cache`}`,
  ];
}

/**
 * The share of input tokens that the cache gave, and that it could have given.
 *
 * @param {Data.LoadRun} run
 */
export function cacheOverTime(run) {
  const known = run.rows.filter(([, , , , , , , , input, cached]) => input && cached !== null);
  if (!known.length) return null;
  const end = Math.max(...known.map(([, sent]) => sent)) || 1;
  const shares = (/** @type {9 | 10} */ column) =>
    Array.from({ length: BINS }, (_, bin) => {
      const rows = known.filter(([, sent]) => Math.min(BINS - 1, Math.floor((sent / end) * BINS)) === bin);
      const all = rows.reduce((sum, row) => sum + (row[8] ?? 0), 0);
      const part = rows.reduce((sum, row) => sum + (row[column] ?? 0), 0);
      return all ? [((bin + 0.5) * end) / BINS, (100 * part) / all] : null;
    }).filter((point) => point !== null);
  return chart({
    title: "Cache reuse over time",
    about:
      "The share of input tokens that the server took from its cache, and (dashed) that a cache which forgets nothing would hold.",
    height: 260,
    option: (look) => ({
      grid: { left: 56, right: 24, top: 36, bottom: 56 },
      legend: { top: 0, left: 0, textStyle: { color: look.ink, fontSize: 13 }, itemWidth: 18 },
      tooltip: tooltip(look, ({ seriesName, value }) => [
        seriesName,
        `${value[1].toFixed(0)}% after ${SHOW.seconds(value[0])}`,
      ]),
      xAxis: axis(look, "Seconds since the level began", { type: "value", min: 0 }),
      yAxis: axis(look, "Input tokens, %", { type: "value", min: 0, max: 100, nameGap: 40 }),
      series: [
        line("from the cache", shares(9), look.colour("one"), "solid"),
        line("could be", shares(10), look.soft, "dashed"),
      ],
    }),
  });
}

/**
 * What the server told of itself at /metrics.
 *
 * @param {Data.LoadRun} run
 */
export function serverOverTime(run) {
  const told = (/** @type {1 | 2 | 3} */ column) =>
    run.samples.filter((sample) => sample[column] !== null).map((sample) => [sample[0], sample[column]]);
  const [running, waiting, used] = [told(1), told(2), told(3)];
  if (!running.length && !waiting.length && !used.length) return null;
  return chart({
    title: "What the server told of itself",
    about: "Requests that it worked on and that waited, and (dashed, on the right) how much of its KV cache was used.",
    height: 260,
    option: (look) => ({
      grid: { left: 56, right: 56, top: 36, bottom: 56 },
      legend: { top: 0, left: 0, textStyle: { color: look.ink, fontSize: 13 }, itemWidth: 18 },
      tooltip: tooltip(look, ({ seriesName, value }) => [
        seriesName,
        `${SHOW.speed(value[1])} after ${SHOW.seconds(value[0])}`,
      ]),
      xAxis: axis(look, "Seconds since the level began", { type: "value", min: 0 }),
      yAxis: [
        axis(look, "Requests", { type: "value", min: 0, nameGap: 40 }),
        axis(look, "KV cache, %", { type: "value", min: 0, max: 100, nameGap: 40, splitLine: { show: false } }),
      ],
      series: [
        line("running", running, look.colour("one"), "solid"),
        line("waiting", waiting, look.colour("alarm"), "solid"),
        {
          ...line(
            "KV cache",
            used.map(([at, share]) => [at, 100 * (share ?? 0)]),
            look.soft,
            "dashed",
          ),
          yAxisIndex: 1,
        },
      ].filter(({ data }) => data.length),
    }),
  });
}

/**
 * @param {string} name
 * @param {(number | null)[][]} data
 * @param {string} colour
 * @param {string} type
 */
function line(name, data, colour, type) {
  return { type: "line", name, data, symbolSize: 4, itemStyle: { color: colour }, lineStyle: { color: colour, type } };
}
