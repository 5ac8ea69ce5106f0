// The page of one exchange.

import { rawSection } from "./exchange/raw.js";
import { timingSection } from "./exchange/timing.js";
import { tokensSection } from "./exchange/tokens.js";
import { upstreamSection } from "./exchange/upstream.js";
import { conversation } from "./page/conversation.js";
import { DATA } from "./page/data.js";
import { h } from "./page/dom.js";
import { figure, tiles } from "./page/figures.js";
import { badge, begin, frame, section } from "./page/frame.js";
import { partsOf } from "./page/parts.js";

function tracePage() {
  const [exchange] = /** @type {Data.TracePage} */ (DATA).exchanges;
  const { report } = exchange;
  const { measures } = report;
  frame(
    {
      kind: "Trace",
      title: report.model ?? "unknown model",
      lead: [
        badge(report.state, report.state),
        badge(report.request_type),
        report.tools_used.map((name) => badge(name, "plain")),
      ],
      facts: [
        report.timestamp.replace("T", " ").replace(/\.\d+Z$/, " UTC"),
        report.mode,
        report.stop_reason && `stop reason ${report.stop_reason}`,
        report.ids.session && `session ${report.ids.session.slice(0, 8)}`,
      ]
        .filter(Boolean)
        .join("  ·  "),
    },
    h(
      "section",
      { id: "overview", "data-name": "Overview" },
      report.error &&
        h("p", { class: "alarm" }, h("b", {}, report.error.kind.replaceAll("_", " ")), ` ${report.error.message}`),
      tiles(
        ...inputTiles(report),
        {
          name: "Time to First Token",
          value: figure(report, "timing.ttft", "seconds"),
          note: measures.prefill_speed && [figure(report, "measures.prefill_speed", "speed"), " tokens/s prefill"],
        },
        {
          name: "Decode Speed",
          value: figure(report, "measures.generation_speed", "speed"),
          unit: "tokens/s",
          note: measures.generation_speed && measures.generation_estimated && "an estimate",
        },
        {
          name: "Output",
          value: figure(report, "measures.output_tokens", "tokens"),
          unit: "tokens",
          note: measures.output_counted ? "counted here" : "the server’s count",
        },
        { name: "Total time", value: figure(report, "timing.total", "seconds") },
      ),
    ),
    tokensSection(exchange, "part-"),
    timingSection(exchange, ""),
    conversationSection(exchange),
    upstreamSection(exchange),
    exchange.raw && rawSection(exchange.raw, ""),
  );
}

/**
 * @param {Data.TraceReport} report
 * @returns {(Page.Tile | false)[]}
 */
function inputTiles(report) {
  const { reported } = report.tokens;
  const window = report.tokens.context_percent !== null && [
    figure(report, "tokens.context_percent", "percent"),
    " of the context window",
  ];
  if (!reported)
    return [
      {
        name: "Input",
        value: figure(report, "tokens.total", "tokens"),
        unit: "tokens",
        note: window || "counted here",
      },
    ];
  return [
    {
      name: "Input",
      value: figure(report, "tokens.reported.total", "tokens"),
      unit: "tokens",
      note: window || "the server’s count",
    },
    reported.cache_read !== null && {
      name: "From the cache",
      value: figure(report, "tokens.reported.cache_read", "tokens"),
      unit: "tokens",
      note: `${((100 * reported.cache_read) / reported.total).toFixed(0)}% of the input`,
    },
  ];
}

/** @param {Data.TraceExchange} exchange */
function conversationSection(exchange) {
  const parts = partsOf(exchange.parts);
  const answer = partsOf(exchange.answer);
  if (DATA.shared === "numbers") return null;
  return section(
    "conversation",
    "Conversation",
    "What was sent, and what came back",
    conversation(parts, "part-"),
    answer.length > 0 &&
      h("div", { class: "answer" }, h("h3", {}, "The answer"), conversation(answer, "answer-", { open: true })),
  );
}

begin(tracePage);
