// Charts: drawn by Apache ECharts when they come into view, in the page's colours, and again when these change.
// Every text in a chart goes through plain(); tooltips are elements, never markup.

import { init } from "../echarts.js";
import { h, seen } from "./dom.js";
import { plain } from "./text.js";

/**
 * A chart: `drawn` is null until it comes into view.
 *
 * @typedef {object} Drawn
 * @property {HTMLElement} place
 * @property {(look: Page.Look) => object} option
 * @property {import("echarts/core").ECharts | null} drawn
 * @property {((event: any) => void) | undefined} onclick
 * @property {"canvas" | "svg"} renderer
 * @property {ResizeObserver} [sized]
 */

/** @type {Set<Drawn>} */
const charts = new Set();

/**
 * A chart in a figure. `option(look)` returns ECharts' option; `about` describes the chart, and is shown below it unless
 * it is `silent`. `many`: thousands of shapes, which are faster on a canvas than as SVG.
 *
 * @param {Page.Chart} given
 */
export function chart({ title, about, silent, height, option, onclick, many }) {
  const place = h("div", { class: "chart", role: "img", "aria-label": plain(about) });
  place.style.height = `${height}px`;
  /** @type {Drawn} */
  const entry = { place, option, drawn: null, onclick, renderer: many ? "canvas" : "svg" };
  Object.assign(place, { whenSeen: () => draw(entry) });
  charts.add(entry);
  seen.observe(place);
  const figure = h(
    "figure",
    {},
    title && h("figcaption", {}, title),
    place,
    !silent && h("p", { class: "note" }, about),
  );
  return Object.assign(figure, { redraw: () => entry.drawn && draw(entry) });
}

/** @param {Drawn} entry */
function draw(entry) {
  const drawn = (entry.drawn ??= begin(entry));
  const look = { ...currentLook(), width: entry.place.clientWidth };
  drawn.setOption(
    { animation: false, textStyle: { fontFamily: look.font, color: look.ink }, ...entry.option(look) },
    true,
  );
}

/**
 * A chart that is drawn for the first time.
 *
 * @param {Drawn} entry
 */
function begin(entry) {
  const drawn = init(entry.place, null, { renderer: entry.renderer });
  if (entry.onclick) drawn.on("click", entry.onclick);
  entry.sized = new ResizeObserver(() => drawn.resize());
  entry.sized.observe(entry.place);
  return drawn;
}

/** @param {boolean} [all] */
export function redraw(all) {
  for (const entry of charts) if (entry.drawn || all) draw(entry);
}

/** Removes all charts, before a page is drawn again. */
export function forgetCharts() {
  for (const { drawn, sized, place } of charts) {
    seen.unobserve(place);
    sized?.disconnect();
    drawn?.dispose();
  }
  charts.clear();
}

/** The page's colours and font as the stylesheet has them now. A chart that is drawn is also given its width. */
function currentLook() {
  const probe = h("span", { hidden: true });
  document.body.append(probe);
  const colour = (/** @type {string} */ name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const [ink, soft, line, card, paper, accent] = ["ink", "soft", "line", "card", "paper", "accent"].map(colour);
  const named = new Map(COLOURS.map((name) => [name, colour(name)]));
  const font = getComputedStyle(document.body).fontFamily;
  probe.remove();
  return { colour: (/** @type {string} */ name) => named.get(name) ?? "", font, ink, soft, line, card, paper, accent };
}

const COLOURS = [
  "system",
  "tools",
  "mcp",
  "user",
  "reminder",
  "claude-md",
  "tool-result",
  "assistant",
  "thinking",
  "tool-input",
  "other",
  "alarm",
  "right",
  "quiet",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
];
export const OF_MODELS = COLOURS.slice(-8);

/**
 * @param {Page.Look} look
 * @param {string} name
 * @param {object} [more]
 */
export function axis(look, name, more = {}) {
  return {
    name,
    nameLocation: "middle",
    nameGap: 32,
    nameTextStyle: { color: look.soft, fontSize: 12 },
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { color: look.soft, fontSize: 12, hideOverlap: true },
    splitLine: { lineStyle: { color: look.line } },
    ...more,
  };
}

/**
 * A tooltip with the text that `lines(item)` returns, its first line emphasized.
 *
 * @param {Page.Look} look
 * @param {(item: any) => (string | false)[]} lines
 * @param {object} [more]
 */
export function tooltip(look, lines, more = {}) {
  return {
    confine: true,
    transitionDuration: 0,
    backgroundColor: look.card,
    borderColor: look.line,
    textStyle: { color: look.ink, fontSize: 13 },
    formatter: (/** @type {any} */ item) => {
      const [first, ...rest] = lines(item);
      return h(
        "div",
        { class: "tip" },
        h("strong", {}, first),
        rest.map((line) => h("div", {}, line)),
      );
    },
    ...more,
  };
}
