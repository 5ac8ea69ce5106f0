// The frame of every page: the bar at the top with links, search and theme; sections; redrawing; and printing.

import { forgetCharts, redraw } from "./charts.js";
import { DATA } from "./data.js";
import { h } from "./dom.js";
import { reveal } from "./fold.js";
import { findAgain, forgetSearchable, isSearchable, searchBox, searchInput } from "./search.js";

/** @typedef {HTMLElement | null | false | HTMLElement[]} Section */

const THEMES = ["auto", "light", "dark"];

/**
 * Draws the frame and its sections, of which some may be null, and some lists of sections. What was drawn before is
 * replaced.
 *
 * @param {{ kind: string, title: string, lead?: Page.Child, facts?: string | false, home?: string, search?: string }} head
 * @param {...Section} given
 */
export function frame({ kind, title, lead, facts, home = "#top", search = "Search all text" }, ...given) {
  const sections = given.flat().filter((section) => !!section);
  for (const before of document.querySelectorAll("body > header, body > main, body > footer")) before.remove();
  document.body.append(
    h(
      "header",
      { class: "top" },
      h("a", { class: "home", href: home }, kind),
      h(
        "nav",
        {},
        sections.map((section) => h("a", { href: `#${section.id}` }, section.dataset.name)),
      ),
      isSearchable() && searchBox(search),
      themeButton(),
    ),
    h(
      "main",
      { id: "top" },
      h(
        "div",
        { class: "head" },
        h("h1", {}, title),
        lead && h("p", { class: "lead" }, lead),
        facts && h("p", { class: "facts" }, facts),
        running(),
      ),
      sections,
    ),
    h(
      "footer",
      {},
      h(
        "p",
        {},
        `Made by anyclaude-toolkit ${DATA.version}. ${DATA.live ? "It contacts only the command that serves it." : "This file holds everything it shows, and loads nothing from the network."}`,
      ),
      DATA.shared && h("p", {}, SHARED[DATA.shared]),
    ),
  );
}

const WARN_AT = 80; // percent of a budget

/** What is being spent, of a page that is live. */
function running() {
  return (DATA.running ?? []).map(({ words, percent }) =>
    h(
      "p",
      { class: `running ${percent !== null && percent >= WARN_AT ? "wrong" : ""}` },
      `Running now: ${words}`,
      percent !== null && ` (${percent}%)`,
    ),
  );
}

/** @type {Record<string, string>} */
const SHARED = {
  names: "Home paths, user names, host names, e-mail addresses and ids have been replaced.",
  numbers: "All texts have been left out: only numbers, kinds and the names of well-known tools and of models remain.",
};

/**
 * @param {string} id
 * @param {string} name
 * @param {string} heading
 * @param {...Page.Child} children
 */
export function section(id, name, heading, ...children) {
  return h("section", { id, "data-name": name }, h("h2", {}, heading), children);
}

/**
 * @param {string} text
 * @param {string} [tone]
 */
export function badge(text, tone) {
  return h("span", { class: `badge ${tone ?? ""}` }, text);
}

/**
 * Draws the page, and scrolls to what the address names. A page that shows only a part of its data shows the one that
 * holds this by `turnTo(id)`.
 *
 * @param {() => void} page
 * @param {(id: string) => void} [turnTo]
 */
export function begin(page, turnTo = () => {}) {
  draw = page;
  follow = () => {
    const id = location.hash.slice(1);
    if (!id) return;
    if (!document.getElementById(id)) turnTo(id);
    const target = document.getElementById(id);
    if (!target) return;
    reveal(target);
    target.scrollIntoView();
  };
  draw();
  follow();
  addEventListener("hashchange", follow);
  addEventListener("click", ({ target }) => {
    // a link to the current address causes no hashchange
    const link = target instanceof Element && target.closest("a[href^='#']");
    if (link && link.getAttribute("href") === location.hash) follow();
  });
}

/** Draws the page, and scrolls to what the address names; both are set when a page begins. */
let draw = () => {};
let follow = () => {};

/** @param {string} id */
export function goTo(id) {
  if (location.hash === `#${id}`) follow();
  else location.hash = `#${id}`;
}

/** Draws the page again after its data changed: open folds stay open, and the reader stays at the same place, or at the
 * end of a session that goes on. */
export function drawAgain() {
  const open = [...document.querySelectorAll("details[id][open]")].map(({ id }) => id);
  const words = searchInput()?.value;
  const height = scrollY;
  const follows = DATA.live && height > 0 && height + innerHeight >= document.documentElement.scrollHeight - 40;
  forgetCharts();
  forgetSearchable();
  draw();
  for (const id of open) {
    const fold = /** @type {Page.Fold | null} */ (document.getElementById(id));
    if (fold) fold.open = true;
    fold?.ensure?.();
  }
  if (words) findAgain(words);
  scrollTo(0, follows ? document.documentElement.scrollHeight : height);
}

function themeButton() {
  const button = h("button", { class: "theme", type: "button", title: "Colours: automatic, light or dark" });
  const show = () => {
    const theme = document.documentElement.dataset.theme ?? "auto";
    button.textContent = "◐○●"[THEMES.indexOf(theme)];
    button.setAttribute("aria-label", `Colours: ${theme}`);
  };
  button.addEventListener("click", () => {
    const theme = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % THEMES.length];
    document.documentElement.dataset.theme = theme;
    show();
    redraw();
  });
  show();
  return button;
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw());

/** A printed page is light, and has all charts, also those that were not in view. */
addEventListener("beforeprint", () => {
  document.documentElement.classList.add("paper");
  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button.more"));
  for (const button of buttons) button.click(); // so that all rows are printed
  redraw(true);
});
addEventListener("afterprint", () => {
  document.documentElement.classList.remove("paper");
  redraw();
});
