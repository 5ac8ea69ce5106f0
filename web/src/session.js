// The page of sessions: one of them at a time, and a list where there are several.

import { DATA } from "./page/data.js";
import { h } from "./page/dom.js";
import { figure, table, tiles } from "./page/figures.js";
import { UNKNOWN, SHOW, pluralize, format } from "./page/format.js";
import { drawAgain, badge, begin, frame, section } from "./page/frame.js";
import { live } from "./page/live.js";
import { contextMap, growthChart } from "./session/context.js";
import { prefixSection } from "./session/prefix.js";
import { STATE, agentPicker, isRunning, turnElement, turnsOf } from "./session/shown.js";
import { ACTIVITIES, timelineChart } from "./session/timeline.js";
import { conversationOf } from "./session/turns.js";

/** The sessions in the page's data, which changes while the page is live. */
function sessions() {
  const { sessions } = /** @type {Data.SessionsPage} */ (DATA);
  return /** @type {Page.Session[]} */ (sessions);
}

function sessionsPage() {
  const all = sessions();
  all.forEach((each, place) => (each.prefix = all.length > 1 ? `s${place + 1}-` : ""));
  const shown = all[Math.min(STATE.session, all.length - 1)];
  const { report } = shown;
  if (!report.turns.some((turn) => turn.agent === STATE.agent)) STATE.agent = "";
  const models = [...new Set(report.turns.map((turn) => turn.model).filter(Boolean))];
  frame(
    {
      kind: all.length > 1 || DATA.live ? "Sessions" : "Session",
      home: DATA.live ? "../../" : "#top",
      search: all.length > 1 ? "Search this session" : "Search all text",
      title: models.join(", ") || "unknown model",
      lead: [
        badge(pluralize(report.turns.length, "turn")),
        report.agents.length > 1 && badge(pluralize(report.agents.length, "agent")),
        failures(report),
      ],
      facts: [
        report.turns[0].timestamp.replace("T", " ").replace(/\.\d+Z$/, " UTC"),
        report.session && `session ${report.session}`,
      ]
        .filter(Boolean)
        .join("  ·  "),
    },
    all.length > 1 && sessionsSection(all, shown),
    overview(shown),
    section(`${shown.prefix}timeline`, "Timeline", "When it happened", timelineChart(shown), agentsTable(shown)),
    prefixSection(shown),
    section(
      `${shown.prefix}context`,
      "Context",
      "What the context is made of",
      agentPicker(shown),
      growthChart(shown),
      contextMap(shown),
    ),
    section(`${shown.prefix}turns`, "Turns", "Turn by turn", turnsTable(shown)),
    conversationOf(shown),
  );
}

/** @param {Data.SessionReport} report */
function failures(report) {
  const failed = report.turns.filter((turn) => turn.state !== "complete" && !isRunning(report, turn)).length;
  return [
    failed > 0 && badge(`${SHOW.count(failed)} not complete`, "error"),
    report.turns.some((turn) => isRunning(report, turn)) && badge("running", "running"),
  ];
}

/**
 * @param {Page.Session[]} all
 * @param {Page.Session} shown
 */
function sessionsSection(all, shown) {
  const choose = (/** @type {number} */ place) => {
    Object.assign(STATE, { session: place, agent: "", mapped: null });
    drawAgain();
  };
  return section(
    "sessions",
    "Sessions",
    pluralize(all.length, "session"),
    table(
      [
        {
          title: "Began (UTC)",
          cell: (each) =>
            h(
              "a",
              {
                href: `#${each.prefix}overview`,
                class: each === shown ? "moment chosen" : "moment",
                onclick: () => choose(all.indexOf(each)),
              },
              each.report.turns[0].timestamp.slice(0, 19).replace("T", " "),
            ),
        },
        { title: "Session", cell: (each) => String(each.report.session ?? "").slice(0, 8) },
        { title: "Model", cell: (each) => each.report.turns[0].model ?? UNKNOWN },
        { title: "Turns", number: true, cell: (each) => SHOW.count(each.report.turns.length) },
        { title: "Input", number: true, cell: (each) => SHOW.tokens(each.report.total.input_tokens) },
        { title: "Prefilled again", number: true, cell: (each) => format(each.cache?.sums.wasted, "tokens") },
        { title: "Waiting", number: true, cell: (each) => figure(each, "report.total.waiting", "seconds") },
      ],
      all,
    ),
  );
}

/** @param {Page.Session} shown */
function overview(shown) {
  const { cache } = shown;
  /**
   * @param {number} part
   * @param {number | null} whole
   */
  const share = (part, whole) => (whole ? `${((100 * part) / whole).toFixed(0)}% of the input` : null);
  return h(
    "section",
    { id: `${shown.prefix}overview`, "data-name": "Overview" },
    tiles(
      {
        name: "Input",
        value: figure(shown, "report.total.input_tokens", "tokens"),
        unit: "tokens",
        note: "of all turns together",
      },
      cache &&
        (cache.sums.cached !== null
          ? {
              name: "From the cache",
              value: figure(shown, "cache.sums.cached", "tokens"),
              unit: "tokens",
              note: [share(cache.sums.cached, cache.sums.of), "as the server says"].filter(Boolean).join(", "),
            }
          : {
              name: "Reusable",
              value: figure(shown, "cache.sums.reused", "tokens"),
              unit: "tokens",
              note: [share(cache.sums.reused, cache.sums.input), "predicted"].filter(Boolean).join(", "),
            }),
      cache && {
        name: "Prefilled again",
        value: figure(shown, "cache.sums.wasted", "tokens"),
        unit: "tokens",
        note:
          cache.sums.wasted > 0 && cache.sums.wasted_seconds !== null
            ? [figure(shown, "cache.sums.wasted_seconds", "seconds"), cache.sums.estimated ? ", in part estimated" : ""]
            : share(cache.sums.wasted, cache.sums.input),
      },
      { name: "Output", value: figure(shown, "report.total.output_tokens", "tokens"), unit: "tokens" },
      { name: "Waiting", value: figure(shown, "report.total.waiting", "seconds"), note: "for first tokens" },
      ...(hasCosts(shown) ? [{ name: "Cost", value: figure(shown, "report.total.cost", "dollars") }] : []),
    ),
    timeSpent(shown),
    h(
      "div",
      { class: "notes" },
      shown.remarks.map((line) => h("p", { class: "note" }, line)),
    ),
  );
}

/**
 * What the time was spent on, the user's own left out, to scale.
 *
 * @param {Page.Session} shown
 */
function timeSpent(shown) {
  const time = (/** @type {string} */ activity) => shown.report.time[activity] ?? 0;
  const busy = Object.keys(ACTIVITIES).filter((activity) => activity !== "person" && time(activity) > 0);
  const sum = busy.reduce((seconds, activity) => seconds + time(activity), 0);
  if (!sum) return null;
  const strip = h("div", { class: "strip", "aria-hidden": "true" });
  const legend = h("ul", { class: "legend" });
  for (const activity of [...busy, ...(time("person") > 0 ? ["person"] : [])]) {
    const [name, colour] = ACTIVITIES[activity];
    const swatch = () => {
      const each = h("i");
      each.style.background = `var(--${colour})`;
      return each;
    };
    if (activity !== "person") {
      const piece = swatch();
      piece.style.flexGrow = String(1000 * time(activity));
      strip.append(piece);
    }
    legend.append(
      h(
        "li",
        {},
        swatch(),
        h("span", {}, name),
        figure(shown, `report.time.${activity}`, "seconds"),
        h("small", {}, activity === "person" ? "not in the bar" : `${((100 * time(activity)) / sum).toFixed(0)}%`),
      ),
    );
  }
  return h("div", { class: "shares time" }, h("h3", {}, "Where the time went"), strip, legend);
}

/** @param {Page.Session} shown */
function agentsTable(shown) {
  const { agents } = shown.report;
  if (agents.length < 2) return null;
  /**
   * @param {Data.Agent} agent
   * @param {keyof Data.Agent} key
   * @param {Page.Kind} kind
   */
  const of = (agent, key, kind) => figure(shown, `report.agents.${agents.indexOf(agent)}.${key}`, kind);
  return [
    h("h3", {}, "Agents"),
    table(
      [
        {
          title: "Agent",
          cell: (agent) => {
            const name = h("span", {}, agent.name);
            name.style.paddingLeft = `${agent.depth * 16}px`;
            return name;
          },
        },
        { title: "Turns", number: true, cell: (agent) => SHOW.count(agent.turns) },
        { title: "Input", number: true, cell: (agent) => of(agent, "input_tokens", "tokens") },
        { title: "New", number: true, cell: (agent) => of(agent, "new_tokens", "tokens") },
        { title: "Output", number: true, cell: (agent) => of(agent, "output_tokens", "tokens") },
        { title: "Waiting", number: true, cell: (agent) => of(agent, "waiting", "seconds") },
        { title: "Writing", number: true, cell: (agent) => of(agent, "writing", "seconds") },
        { title: "Tool calls", number: true, cell: (agent) => of(agent, "tool_calls", "count") },
        ...(hasCosts(shown)
          ? [{ title: "Cost", number: true, cell: (/** @type {Data.Agent} */ agent) => of(agent, "cost", "dollars") }]
          : []),
      ],
      agents.filter((agent) => agent.turns),
    ),
  ];
}

/**
 * Whether anything is known to have cost something.
 *
 * @param {Page.Session} shown
 */
function hasCosts(shown) {
  return Boolean(shown.report.total.cost);
}

/** @param {Page.Session} shown */
function turnsTable(shown) {
  /**
   * @param {Data.Turn} turn
   * @param {keyof Data.Turn} key
   * @param {Page.Kind} kind
   */
  const of = (turn, key, kind) => figure(shown, `report.turns.${turn.number - 1}.${key}`, kind);
  return [
    agentPicker(shown),
    table(
      [
        {
          title: "#",
          number: true,
          cell: (turn) => h("a", { href: `#${shown.prefix}turn-${turn.number}` }, String(turn.number)),
        },
        { title: "Agent", cell: (turn) => turn.agent },
        { title: "Type", cell: (turn) => turn.request_type },
        { title: "Input", number: true, cell: (turn) => of(turn, "input_tokens", "tokens") },
        { title: "New", number: true, cell: (turn) => of(turn, "new_tokens", "tokens") },
        { title: "Reusable", number: true, cell: (turn) => of(turn, "reusable_percent", "percent") },
        { title: "Cached", number: true, cell: (turn) => of(turn, "cached_tokens", "tokens") },
        { title: "Output", number: true, cell: (turn) => of(turn, "output_tokens", "tokens") },
        { title: "TTFT", number: true, cell: (turn) => of(turn, "ttft", "seconds") },
        { title: "Decode", number: true, cell: (turn) => of(turn, "decode_speed", "speed") },
        ...(hasCosts(shown)
          ? [{ title: "Cost", number: true, cell: (/** @type {Data.Turn} */ turn) => of(turn, "cost", "dollars") }]
          : []),
        {
          title: "Tool calls",
          cell: (turn) => h("small", {}, [turn.tool_calls.join(", "), turn.note].filter(Boolean).join("  ·  ")),
        },
      ],
      turnsOf(shown),
    ),
  ];
}

/**
 * Shows a turn that isn't on the page because another session or agent is chosen.
 *
 * @param {string} id
 */
function turnTo(id) {
  const [, session, number] = id.match(/^(?:s(\d+)-)?(?:turn-(\d+))?/) ?? [];
  const place = session ? Number(session) - 1 : 0;
  const shown = sessions()[place];
  if (!shown) return;
  if (place !== STATE.session || !turnElement(shown, Number(number))) {
    Object.assign(STATE, { session: place, agent: "", mapped: null });
    drawAgain();
  }
  turnElement(sessions()[place], Number(number))?.ensure();
}

begin(sessionsPage, turnTo);
if (DATA.live) live();
