// How fast each model was: each run as a point, with the median and its interval, and output over time.

import { OF_MODELS, axis, chart, tooltip } from "../page/charts.js";
import { DATA } from "../page/data.js";
import { SHOW, format } from "../page/format.js";
import { logarithmic } from "../page/scales.js";
import { cutMiddle, plain } from "../page/text.js";

/** Every measure that is compared. */
export const MEASURES = /** @type {Data.ComparisonPage} */ (/** @type {unknown} */ (DATA)).measures ?? [];

/** Those that are shown run by run. */
export const SPREADS = MEASURES.filter(({ decides }) => decides);

const SYMBOLS = ["circle", "triangle", "diamond", "rect", "roundRect", "pin", "arrow", "emptyCircle"];

/**
 * @param {number} place
 * @param {Page.Look} look
 */
function styleOf(place, look) {
  return {
    color: look.colour(OF_MODELS[place % OF_MODELS.length]),
    symbol: SYMBOLS[(place + Math.floor(place / OF_MODELS.length)) % SYMBOLS.length],
  };
}

/** @param {Data.Contender} contender */
function successfulRuns(contender) {
  return contender.runs.filter((run) => run.error === null);
}

/**
 * One row for each model.
 *
 * @param {Data.ModelRow[]} rows
 * @param {Data.Contender[]} contenders
 * @param {Data.MeasureRow} given
 */
export function spread(rows, contenders, { key, name, kind }) {
  const measure = /** @type {"ttft" | "decode" | "total"} */ (key);
  const unit = kind === "speed" ? "Tokens per second" : "Seconds";
  const points = contenders.flatMap((contender, row) =>
    successfulRuns(contender)
      .map((run, number) => ({ run, number, row, value: run.measures[measure] }))
      .filter(({ value }) => value !== null),
  );
  if (!points.length) return null;
  const log = logarithmic(points.map(({ value }) => value));
  const level = rows.some((row) => row.interval_level !== null && row.interval_level < 0.95)
    ? "its 95% interval, of fewer than 6 runs their range"
    : "its 95% interval";
  const doubtful = points.some(({ run }) => run.doubts.length) ? " Pale points are unreliable; each says why." : "";
  return chart({
    title: name,
    silent: measure !== SPREADS[SPREADS.length - 1].key,
    about: `Each point is a run, the bar is the median, the line ${level}.${doubtful}`,
    height: 72 + 46 * contenders.length,
    option: (look) => ({
      grid: { left: Math.min(200, 0.3 * look.width) + 16, right: 24, top: 8, bottom: 52 },
      tooltip: tooltip(look, ({ data }) => data.lines),
      xAxis: axis(look, `${unit}${log ? ", logarithmic" : ""}`, {
        type: log ? "log" : "value",
        min: log ? undefined : 0,
      }),
      yAxis: axis(look, "", {
        type: "category",
        inverse: true,
        data: contenders.map(({ label }) => plain(label)),
        splitLine: { show: false },
        axisLabel: {
          color: look.ink,
          fontSize: 13,
          formatter: (/** @type {string} */ name) =>
            cutMiddle(name, Math.min(28, Math.floor((0.3 * look.width) / 7.5))),
        },
      }),
      series: [
        {
          type: "custom",
          silent: true,
          tooltip: { show: false },
          z: 1,
          data: rows
            .map((row, place) => [row[measure], place, row[`${measure}_low`], row[`${measure}_high`]])
            .filter(([median]) => median !== null),
          renderItem: interval(look),
        },
        {
          type: "scatter",
          symbolSize: 9,
          z: 2,
          data: points.map(({ run, number, row, value }) => ({
            value: [value, row],
            symbol: styleOf(row, look).symbol,
            symbolOffset: [0, ((number * 5) % 9) - 4],
            itemStyle: { color: styleOf(row, look).color, opacity: run.doubts.length ? 0.3 : 0.75 },
            lines: [
              `${plain(contenders[row].label)}, run ${run.round}`,
              `${format(value, kind)}${kind === "speed" ? " tokens/s" : ""}`,
              ...run.doubts.map((doubt) => `Unreliable: ${plain(doubt)}`),
            ],
          })),
        },
      ],
    }),
  });
}

/**
 * The line from low to high, and a bar at the median.
 *
 * @param {Page.Look} look
 */
function interval(look) {
  return (/** @type {unknown} */ _, /** @type {any} */ api) => {
    const [x, y] = api.coord([api.value(0), api.value(1)]);
    const ends = [api.value(2), api.value(3)].map((value) => api.coord([value, api.value(1)])[0]);
    const line = (/** @type {number[]} */ ...[x1, y1, x2, y2, width]) => ({
      type: "line",
      shape: { x1, y1, x2, y2 },
      style: { stroke: look.ink, lineWidth: width, opacity: 0.85 },
    });
    const whiskers = ends.some(Number.isNaN)
      ? []
      : [
          line(ends[0], y, ends[1], y, 1),
          line(ends[0], y - 4, ends[0], y + 4, 1),
          line(ends[1], y - 4, ends[1], y + 4, 1),
        ];
    return { type: "group", children: [...whiskers, line(x, y - 12, x, y + 12, 3)] };
  };
}

/** @param {Data.Contender[]} contenders */
export function prefillAgainstDecode(contenders) {
  const series = contenders.map((contender) =>
    successfulRuns(contender)
      .map(({ measures, round }) => ({ value: [measures.prefill, measures.decode], round }))
      .filter(({ value }) => !value.includes(null)),
  );
  const all = series.flat();
  if (!all.length) return null;
  const log = [0, 1].map((side) => logarithmic(all.map(({ value }) => value[side])));
  const scale = (/** @type {number} */ side) => ({ type: log[side] ? "log" : "value", scale: false });
  return chart({
    title: "Prefill against decode",
    about: "Each point is a run. Further right: faster prefill. Further up: faster decode.",
    height: 380,
    option: (look) => ({
      grid: { left: 72, right: 24, top: 36, bottom: 56 },
      legend: modelLegend(look),
      tooltip: tooltip(look, ({ seriesName, value, data }) => [
        `${seriesName}, run ${data.round}`,
        `prefill ${SHOW.speed(value[0])} tokens/s`,
        `decode ${SHOW.speed(value[1])} tokens/s`,
      ]),
      xAxis: axis(look, `Prefill, tokens per second${log[0] ? ", logarithmic" : ""}`, scale(0)),
      yAxis: axis(look, `Decode, tokens per second${log[1] ? ", logarithmic" : ""}`, { ...scale(1), nameGap: 48 }),
      series: contenders.map(({ label }, place) => ({
        type: "scatter",
        name: plain(label),
        symbolSize: 12,
        symbol: styleOf(place, look).symbol,
        itemStyle: { color: styleOf(place, look).color, opacity: 0.75 },
        data: series[place],
      })),
    }),
  });
}

/** @param {Page.Look} look */
function modelLegend(look) {
  return {
    top: 0,
    left: 0,
    textStyle: { color: look.ink, fontSize: 13 },
    itemWidth: 14,
    type: "scroll",
    pageTextStyle: { color: look.soft },
    pageIconColor: look.soft,
  };
}

/**
 * Output over time, all runs over each other.
 *
 * @param {Data.Contender[]} contenders
 */
export function arrivalCurves(contenders) {
  const drawn = contenders.flatMap((contender, place) =>
    successfulRuns(contender)
      .map((run) => ({ label: contender.label, place, points: cumulate(run) }))
      .filter(({ points }) => points.length),
  );
  if (!drawn.length) return null;
  const log = logarithmic(drawn.map(({ points }) => points[points.length - 1][0]));
  return chart({
    title: "Output tokens over time",
    about: "Each line is a run, from its first token on. Tokens are assigned to chunks by their characters.",
    height: 380,
    option: (look) => ({
      grid: { left: 64, right: 24, top: 36, bottom: 56 },
      legend: modelLegend(look),
      tooltip: tooltip(look, ({ seriesName, value }) => [
        seriesName,
        `${SHOW.count(Math.round(value[1]))} tokens after ${SHOW.seconds(value[0])}`,
      ]),
      xAxis: axis(
        look,
        `Seconds since the request went out${log ? ", logarithmic" : ""}`,
        log ? { type: "log" } : { type: "value", min: 0 },
      ),
      yAxis: axis(look, "Tokens", { type: "value", nameGap: 44 }),
      series: drawn.map(({ label, place, points }) => ({
        type: "line",
        name: plain(label),
        data: points,
        step: "end",
        symbol: styleOf(place, look).symbol,
        symbolSize: 5,
        showSymbol: false,
        showAllSymbol: false,
        triggerLineEvent: true,
        itemStyle: { color: styleOf(place, look).color },
        lineStyle: { width: 1.6, opacity: 0.8 },
      })),
    }),
  });
}

/** @param {Data.ComparedRun} given */
function cumulate({ arrivals, measures }) {
  const timed = arrivals.filter(([when]) => when !== null && when > 0);
  const characters = timed.reduce((sum, [, , size]) => sum + size, 0);
  if (!characters) return [];
  const each = (measures.tokens ?? characters) / characters;
  let sum = 0;
  return [[timed[0][0], 0], ...timed.map(([when, , size]) => [when, (sum += size) * each])];
}
