// What the proxy changed on the way: notes, the times of both sides, the differences of the requests, and what went over the
// wire at the server's side.

import { changeFold, changes } from "../page/changes.js";
import { DATA } from "../page/data.js";
import { h } from "../page/dom.js";
import { figure, table } from "../page/figures.js";
import { section } from "../page/frame.js";
import { placesOf } from "../page/parts.js";
import { rawFolds } from "./raw.js";

/** @type {["headers" | "ttft" | "total", string][]} */
const TIMES = [
  ["headers", "Headers"],
  ["ttft", "Time to First Token"],
  ["total", "Total time"],
];

/** @param {Data.TraceExchange} exchange */
export function upstreamSection({ report, parts, upstream }) {
  const changed = report.upstream;
  if (!changed || !upstream) return null;
  return section(
    "way",
    "On the way",
    "What the server got and sent, where the proxy changed it",
    changed.error && h("p", { class: "alarm" }, changed.error.message),
    h(
      "ul",
      {},
      changed.changes.filter(Boolean).map((words) => h("li", {}, words)),
    ),
    table(
      [
        { title: "Time", cell: ([, name]) => name },
        {
          title: "From the server",
          number: true,
          cell: ([key]) => figure(report, `upstream.timing.${key}`, "seconds"),
        },
        { title: "At the client", number: true, cell: ([key]) => figure(report, `timing.${key}`, "seconds") },
      ],
      TIMES,
    ),
    DATA.shared !== "numbers" && [
      h("h3", {}, "The request: as the client sent it, and as the server got it"),
      h(
        "div",
        { class: "conversation changes" },
        changes(placesOf(parts), placesOf(upstream.parts)).map((change, at) =>
          changeFold(change, `way-part-${at + 1}`),
        ),
      ),
    ],
    upstream.raw && [h("h3", {}, "Raw, at the server’s side"), ...rawFolds(upstream.raw, "way-")],
  );
}
