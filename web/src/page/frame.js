// The frame around every page: the bar at the top, its search and its colours, sections with links to them, and paper.

import { forgetCharts, redraw } from "./charts.js";
import { DATA } from "./data.js";
import { h } from "./dom.js";
import { reveal } from "./fold.js";
import { findAgain, forgetSearchable, isSearchable, searchBox, searchInput } from "./search.js";

/** @typedef {HTMLElement | null | false | HTMLElement[]} Section */

const THEMES = ["auto", "light", "dark"];

/**
 * `sections` may hold nulls, for what there is nothing to say of, and lists of sections. A page that is drawn again takes
 * the place of what it drew before.
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
      ),
      sections,
    ),
    h(
      "footer",
      {},
      h(
        "p",
        {},
        `Made by anyclaude-toolkit ${DATA.version}. ${DATA.live ? "It asks nothing but the command that shows it." : "This file holds everything it shows, and asks nothing of any network."}`,
      ),
      DATA.shared && h("p", {}, SHARED[DATA.shared]),
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
 * Draws the page, and goes to what the address names. A page that holds more than it shows finds it by `turnTo(id)`.
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
    // the address that is there already changes nothing by itself
    const link = target instanceof Element && target.closest("a[href^='#']");
    if (link && link.getAttribute("href") === location.hash) follow();
  });
}

/** What draws the page, and what goes to what the address names; a page sets both when it begins. */
let draw = () => {};
let follow = () => {};

/** @param {string} id */
export function goTo(id) {
  if (location.hash === `#${id}`) follow();
  else location.hash = `#${id}`;
}

/** Draws the page anew, as what it shows has changed: what is unfolded stays so, and the reader stays where they are, be
 * it at the end of what goes on. */
export function again() {
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

/** Paper is light, and has all charts, seen or not. */
addEventListener("beforeprint", () => {
  document.documentElement.classList.add("paper");
  const buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button.more"));
  for (const button of buttons) button.click(); // for rows that are left out on a screen
  redraw(true);
});
addEventListener("afterprint", () => {
  document.documentElement.classList.remove("paper");
  redraw();
});
