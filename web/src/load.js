// The page of a load: how many agents a server carries, what they wait for, and where the time of each agent went.

import { cacheOverTime, lanes, serverOverTime } from "./load/runs.js";
import { goodput, latency, tradeoff } from "./load/levels.js";
import { DATA } from "./page/data.js";
import { h } from "./page/dom.js";
import { table } from "./page/figures.js";
import { SHOW, UNKNOWN, format, pluralize } from "./page/format.js";
import { begin, drawAgain, frame, section } from "./page/frame.js";

const { loads } = /** @type {Data.LoadPage} */ (/** @type {unknown} */ (DATA));

/** Which run is shown in detail: its place among those of all loads. */
let chosen = 0;

const RUNS = loads.flatMap((load) => load.runs.map((run) => ({ load, run })));

function loadPage() {
  const several = loads.length > 1;
  const [first] = loads;
  frame(
    {
      kind: "Load",
      title: several ? `${loads.length} loads over each other` : `${first.model} under load`,
      lead: loads.map((load) => [load.verdict.map((line) => h("p", {}, several && `${load.label}: `, line))]),
      facts: [
        !several && first.server,
        pluralize(first.sessions, "session"),
        `${SHOW.seconds(first.duration)} a level`,
        `good: ${first.objectives.join(", ")}`,
      ]
        .filter(Boolean)
        .join("  ·  "),
    },
    section("levels", "Levels", "How many agents it carries", sentences(), goodput(loads), latency(loads)),
    section("tradeoff", "Throughput", "Throughput against waiting", tradeoff(loads)),
    section("figures", "Figures", "All figures", loads.map(figures)),
    RUNS.length > 0 && section("runs", "Agents", "What each agent waited for", picker(), detail()),
  );
}

function sentences() {
  const lines = loads.flatMap((load) => [...load.sentences, ...load.troubles.map((trouble) => `⚠ ${trouble}`)]);
  return h(
    "ul",
    { class: "advice" },
    lines.map((line) => h("li", {}, line)),
  );
}

/** @param {Data.Load} load */
function figures(load) {
  const seconds = (/** @type {number | null} */ value) => format(value, "seconds");
  const share = (/** @type {number | null} */ value) => (value === null ? UNKNOWN : `${Math.round(100 * value)}%`);
  return [
    loads.length > 1 && h("h3", {}, load.label),
    table(
      [
        { title: "Load", cell: (level) => level.level },
        { title: "Turns", number: true, cell: (level) => SHOW.count(level.turns) },
        { title: "Failed", number: true, cell: (level) => SHOW.count(level.failed) },
        {
          title: "Good, 95% interval",
          number: true,
          cell: (level) => [
            share(level.good_share),
            level.good_share !== null && h("small", {}, ` [${share(level.good_low)}, ${share(level.good_high)}]`),
          ],
        },
        { title: "Good a minute", number: true, cell: (level) => SHOW.speed(level.good_per_minute) },
        { title: "TTFT p50", number: true, cell: (level) => seconds(level.ttft_p50) },
        { title: "p90", number: true, cell: (level) => seconds(level.ttft_p90) },
        { title: "p99", number: true, cell: (level) => seconds(level.ttft_p99) },
        { title: "Turn p50", number: true, cell: (level) => seconds(level.turn_p50) },
        { title: "Decode tok/s", number: true, cell: (level) => format(level.decode_p50, "speed") },
        { title: "Tokens out a second", number: true, cell: (level) => format(level.output_per_second, "speed") },
        { title: "Cached", number: true, cell: (level) => share(level.cached) },
        { title: "could be", number: true, cell: (level) => share(level.predicted) },
        { title: "Correct", number: true, cell: (level) => share(level.correct_share) },
        { title: "Queue", number: true, cell: (level) => format(level.server_waiting, "speed") },
        { title: "Lag p99", number: true, cell: (level) => format(level.lag_p99, "milliseconds") },
      ],
      load.levels,
    ),
  ];
}

/** Chooses the run that is shown in detail. */
function picker() {
  const select = h(
    "select",
    { "aria-label": "Which run", id: "which-run" },
    RUNS.map(({ load, run }, place) =>
      h(
        "option",
        { value: String(place), selected: place === chosen },
        [loads.length > 1 && `${load.label}, `, run.level, `, run ${run.run}`].filter(Boolean).join(""),
      ),
    ),
  );
  select.addEventListener("change", () => {
    chosen = Number(/** @type {HTMLSelectElement} */ (select).value);
    drawAgain();
    document.getElementById("which-run")?.focus();
  });
  return h("p", {}, select);
}

function detail() {
  const { load, run } = RUNS[chosen];
  return [lanes(load, run), cacheOverTime(run), serverOverTime(run)];
}

begin(loadPage);
