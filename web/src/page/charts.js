// Charts: drawn by Apache ECharts when they come into view, in the page's own colours, and again when these change.
// Every text that reaches a chart goes through plain(); tooltips are elements, never markup.

import { init } from "../echarts.js";
import { h, seen } from "./dom.js";
import { plain } from "./text.js";

const charts = new Set();

/** A chart in a figure. `option(look)` gives what ECharts is to draw; `about` tells in words what it shows, and stands
 * below it unless it is `silent`. `many`: thousands of shapes, which are faster as a picture than as elements. */
export function chart({ title, about, silent, height, option, onclick, many }) {
  const place = h("div", { class: "chart", role: "img", "aria-label": plain(about) });
  place.style.height = `${height}px`;
  const made = { place, option, drawn: null, onclick, renderer: many ? "canvas" : "svg" };
  place.whenSeen = () => draw(made);
  charts.add(made);
  seen.observe(place);
  const figure = h(
    "figure",
    {},
    title && h("figcaption", {}, title),
    place,
    !silent && h("p", { class: "note" }, about),
  );
  figure.redraw = () => made.drawn && draw(made);
  return figure;
}

function draw(made) {
  if (!made.drawn) {
    made.drawn = init(made.place, null, { renderer: made.renderer });
    if (made.onclick) made.drawn.on("click", made.onclick);
    made.sized = new ResizeObserver(() => made.drawn.resize());
    made.sized.observe(made.place);
  }
  const look = { ...currentLook(), width: made.place.clientWidth };
  made.drawn.setOption(
    { animation: false, textStyle: { fontFamily: look.font, color: look.ink }, ...made.option(look) },
    true,
  );
}

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
  const colour = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const look = { colour, font: getComputedStyle(document.body).fontFamily };
  for (const name of ["ink", "soft", "line", "card", "paper", "accent"]) look[name] = colour(name);
  const named = new Map();
  look.colour = (name) => named.get(name) ?? named.set(name, colour(name)).get(name);
  for (const name of COLOURS) look.colour(name);
  probe.remove();
  return look;
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

/** A tooltip whose text is made by `lines(item)`: the first line stands out. */
export function tooltip(look, lines, more = {}) {
  return {
    confine: true,
    transitionDuration: 0,
    backgroundColor: look.card,
    borderColor: look.line,
    textStyle: { color: look.ink, fontSize: 13 },
    formatter: (item) => {
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
