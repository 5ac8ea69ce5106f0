// The times of one answer: its phases, its tokens as they arrived, and the measures of `analyze`.

import { axis, chart, tooltip } from "../page/charts.js";
import { h } from "../page/dom.js";
import { figure, table } from "../page/figures.js";
import { SHOW, pluralize, valueAt } from "../page/format.js";
import { section } from "../page/frame.js";

/**
 * @param {Data.TraceExchange} exchange
 * @param {string} prefix
 */
export function timingSection(exchange, prefix) {
  const { report } = exchange;
  const { total } = report.timing;
  if (total === null)
    return section(
      `${prefix}timing`,
      "Timing",
      "When the answer came",
      h("p", {}, "No times were recorded in this trace."),
    );
  return section(
    `${prefix}timing`,
    "Timing",
    "When the answer came",
    phases(report, total),
    arrivals(exchange, total),
    h("div", { class: "columns" }, measuresTable(exchange, "timing."), measuresTable(exchange, "measures.")),
  );
}

/**
 * @param {Data.TraceExchange} exchange
 * @param {string} place in the report, of those that are shown
 */
function measuresTable({ report, measures }, place) {
  return table(
    [
      { title: "Measure", cell: ({ name }) => name },
      { title: "", number: true, cell: ({ path, kind }) => figure(report, path, kind) },
      { title: "", cell: ({ note }) => h("small", {}, note) },
    ],
    measures.filter(({ path }) => path.startsWith(place) && valueAt(report, path) !== null),
  );
}

/**
 * What the time was spent on, to scale.
 *
 * @param {Data.TraceReport} report
 * @param {number} total
 */
function phases(report, total) {
  const { headers, ttft, first_answer: answer } = report.timing;
  /** @type {[name: string, title: string, moment: number | null][]} */
  const moments = [
    ["waiting", "Until the headers", headers],
    ["prefill", "Until the first token", ttft],
    ["thinking", "Thinking", answer],
    ["writing", "Writing", total],
  ];
  const strip = h("div", { class: "strip", "aria-hidden": "true" });
  const legend = h("ul", { class: "legend" });
  let before = 0;
  for (const [name, title, moment] of moments) {
    if (moment === null || moment - before <= 0) continue;
    const piece = h("i", { class: name });
    piece.style.flexGrow = String(1000 * (moment - before));
    strip.append(piece);
    legend.append(
      h(
        "li",
        {},
        h("i", { class: name }),
        h("span", {}, title),
        h("span", { class: "figure" }, SHOW.seconds(moment - before)),
        h("small", {}, `${((100 * (moment - before)) / total).toFixed(0)}%`),
      ),
    );
    before = moment;
  }
  return h("div", { class: "shares" }, strip, legend);
}

/** @type {Record<string, [string, string]>} */
const CONTENTS = {
  thinking: ["Thinking", "thinking"],
  text: ["Text", "assistant"],
  tool: ["Tool calls", "tool-input"],
};

/**
 * Output tokens over time. A chunk doesn't say how many tokens it holds: they are assigned by characters.
 *
 * @param {Data.TraceExchange} exchange
 * @param {number} total
 */
function arrivals(exchange, total) {
  const { report } = exchange;
  const chunks = exchange.arrivals.filter(([when]) => when !== null);
  const characters = chunks.reduce((sum, [, , size]) => sum + size, 0);
  if (!characters || chunks.length < 2) return null;
  const output = report.measures.output_tokens;
  const each = output ? output / characters : 1;
  const { first_tool_call: call } = report.timing;
  const ttft = report.timing.ttft ?? 0;
  const late = ttft > 3 * (total - ttft);
  return chart({
    title: output ? "Output tokens over time" : "Output characters over time",
    about: `${pluralize(chunks.length, "chunk")}. ${output ? "The server doesn’t say how many tokens a chunk holds: they are assigned by characters. " : ""}${late ? `The ${SHOW.seconds(ttft)} before the first token are left out.` : "The shaded time is prompt processing."}`,
    height: 320,
    option: (look) => ({
      grid: { left: 64, right: 24, top: 24, bottom: 56 },
      tooltip: tooltip(
        look,
        ([item]) => [
          SHOW.seconds(item.value[0]),
          `${SHOW.count(Math.round(item.value[1]))} ${output ? "tokens" : "characters"} so far`,
        ],
        { trigger: "axis", axisPointer: { lineStyle: { color: look.soft } } },
      ),
      legend: {
        show: runs(chunks).size > 1,
        top: 0,
        right: 24,
        textStyle: { color: look.soft },
        icon: "roundRect",
        itemHeight: 4,
      },
      xAxis: axis(look, "Seconds since the request went out", {
        type: "value",
        min: late ? ttft : 0,
        max: total,
        axisLabel: {
          color: look.soft,
          fontSize: 12,
          hideOverlap: true,
          showMaxLabel: false,
          formatter: (/** @type {number} */ value) => Number(value.toFixed(3)).toString(),
        },
      }),
      yAxis: axis(look, output ? "Tokens" : "Characters", { type: "value", nameGap: 44 }),
      series: [...curves(chunks, each, look), ...marks(look, late ? null : ttft, call)],
    }),
  });
}

/** @param {Data.Arrival[]} chunks */
function runs(chunks) {
  return new Set(chunks.map(([, what]) => what));
}

/**
 * One line for each kind of content, each from where the one before it ended.
 *
 * @param {Data.Arrival[]} chunks
 * @param {number} each
 * @param {Page.Look} look
 */
function curves(chunks, each, look) {
  const series = new Map();
  let sum = 0;
  let last = null;
  if (chunks.length) series.set(chunks[0][1], [[chunks[0][0], 0]]);
  for (const [when, what, size] of chunks) {
    if (!series.has(what)) series.set(what, []);
    const points = series.get(what);
    if (last !== null && last !== what) points.push([when, null], [when, sum * each]);
    points.push([when, (sum += size) * each]);
    last = what;
  }
  return [...series].map(([what, data]) => {
    const [name, colour] = CONTENTS[what] ?? CONTENTS.text;
    return {
      type: "line",
      name,
      data,
      step: "end",
      showSymbol: false,
      lineStyle: { width: 2, color: look.colour(colour) },
      itemStyle: { color: look.colour(colour) },
      areaStyle: { color: look.colour(colour), opacity: 0.12 },
    };
  });
}

/**
 * @param {Page.Look} look
 * @param {number | null} ttft
 * @param {number | null} call
 */
function marks(look, ttft, call) {
  const areas = ttft === null ? [] : [[{ xAxis: 0, itemStyle: { color: look.line, opacity: 0.5 } }, { xAxis: ttft }]];
  const moments = call === null ? [] : [{ xAxis: call, name: "first tool call complete" }];
  return [
    {
      type: "line",
      data: [],
      silent: true,
      markArea: { silent: true, data: areas },
      markLine: {
        silent: true,
        symbol: "none",
        lineStyle: { color: look.accent, type: "dashed" },
        label: { formatter: (/** @type {any} */ { name }) => name, color: look.soft, position: "insideEndTop" },
        data: moments,
      },
    },
  ];
}
