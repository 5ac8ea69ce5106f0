// Charts: drawn by Apache ECharts when they come into view, in the page's own colours, and again when these change.
// Every text that reaches a chart goes through plain(); tooltips are elements, never markup.

import { init } from "../echarts.js";
import { h, seen } from "./dom.js";
import { plain } from "./text.js";

/**
 * A chart as it is drawn: from when it came into view.
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
 * A chart in a figure. `option(look)` gives what ECharts is to draw; `about` tells in words what it shows, and stands
 * below it unless it is `silent`. `many`: thousands of shapes, which are faster as a picture than as elements.
 *
 * @param {Page.Chart} given
 */
export function chart({ title, about, silent, height, option, onclick, many }) {
  const place = h("div", { class: "chart", role: "img", "aria-label": plain(about) });
  place.style.height = `${height}px`;
  /** @type {Drawn} */
  const made = { place, option, drawn: null, onclick, renderer: many ? "canvas" : "svg" };
  Object.assign(place, { whenSeen: () => draw(made) });
  charts.add(made);
  seen.observe(place);
  const figure = h(
    "figure",
    {},
    title && h("figcaption", {}, title),
    place,
    !silent && h("p", { class: "note" }, about),
  );
  return Object.assign(figure, { redraw: () => made.drawn && draw(made) });
}

/** @param {Drawn} made */
function draw(made) {
  const drawn = (made.drawn ??= begun(made));
  const look = { ...currentLook(), width: made.place.clientWidth };
  drawn.setOption(
    { animation: false, textStyle: { fontFamily: look.font, color: look.ink }, ...made.option(look) },
    true,
  );
}

/**
 * A chart that is drawn for the first time.
 *
 * @param {Drawn} made
 */
function begun(made) {
  const drawn = init(made.place, null, { renderer: made.renderer });
  if (made.onclick) drawn.on("click", made.onclick);
  made.sized = new ResizeObserver(() => drawn.resize());
  made.sized.observe(made.place);
  return drawn;
}

/** @param {boolean} [all] */
export function redraw(all) {
  for (const made of charts) if (made.drawn || all) draw(made);
}

/** Before a page is drawn again. */
export function forgetCharts() {
  for (const { drawn, sized, place } of charts) {
    seen.unobserve(place);
    sized?.disconnect();
    drawn?.dispose();
  }
  charts.clear();
}

/** The page's colours and letters as the stylesheet has them now: a function of a colour's name, and the commonest. A
 * chart that is drawn also gets the width that it has. */
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
 * A tooltip whose text is made by `lines(item)`: the first line stands out.
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
