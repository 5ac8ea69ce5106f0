// Search over all texts, folded or not. Each text is registered by `searchable`; going to a match opens its fold.

import { h } from "./dom.js";
import { SHOW } from "./format.js";
import { MOST, matchesIn, patternOf } from "./matches.js";

/**
 * What is searched for, what was found, which match is current, and where it is shown.
 *
 * @typedef {object} Found
 * @property {RegExp | null} pattern
 * @property {Page.Match<Page.Searchable>[]} matches
 * @property {number} at
 * @property {Page.Searchable | null} shown
 */

/** @type {Page.Searchable[]} */
const places = [];

/** @type {Found} */
const NO_SEARCH = { pattern: null, matches: [], at: 0, shown: null };

let found = { ...NO_SEARCH };

/**
 * @param {() => string} text
 * @param {(pattern: RegExp | null) => HTMLElement} show
 */
export function searchable(text, show) {
  places.push({ text, show });
}

/** Whether there is anything to search. */
export function isSearchable() {
  return places.length > 0;
}

/** Forgets all texts, before a page is drawn again. */
export function forgetSearchable() {
  places.length = 0;
}

/** @param {string} words */
export function searchBox(words) {
  const input = h("input", { type: "search", placeholder: words, "aria-label": words, spellcheck: "false" });
  const tally = h("output", { "aria-live": "polite" });
  let waiting = 0;
  const go = (/** @type {number} */ step) => {
    move(step);
    showTally(tally);
  };
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      find(input.value);
      go(0);
    }, 150);
  });
  input.addEventListener("keydown", (key) => {
    if (key.key !== "Enter") return;
    key.preventDefault();
    go(key.shiftKey ? -1 : 1);
  });
  addEventListener("keydown", (key) => {
    if (key.key !== "/" || /input|textarea|select/.test(document.activeElement?.localName ?? "")) return;
    key.preventDefault();
    input.focus();
  });
  return h(
    "search",
    {},
    input,
    tally,
    h("button", { type: "button", class: "step", "aria-label": "Previous match", onclick: () => go(-1) }, "↑"),
    h("button", { type: "button", class: "step", "aria-label": "Next match", onclick: () => go(1) }, "↓"),
  );
}

/** The search field; null where there is nothing to search. */
export function searchInput() {
  return /** @type {HTMLInputElement | null} */ (document.querySelector("input[type=search]"));
}

/** @param {string} words */
function find(words) {
  found.shown?.show(null);
  found = { ...NO_SEARCH };
  if (words.length < 2) return;
  const pattern = patternOf(words);
  found = { ...NO_SEARCH, pattern, matches: matchesIn(places, pattern) };
}

/**
 * Repeats a search after the page was drawn again, at the same match, without scrolling or opening folds.
 *
 * @param {string} words
 */
export function findAgain(words) {
  const { at } = found;
  const [input, tally] = [searchInput(), document.querySelector("search output")];
  if (!input || !tally) return;
  input.value = words;
  find(words);
  found.at = Math.min(at, Math.max(found.matches.length - 1, 0));
  showTally(tally);
}

/** @param {number} step */
function move(step) {
  const of = found.matches.length;
  if (!of) return;
  found.at = (found.at + step + of) % of;
  const { place, number } = found.matches[found.at];
  if (found.shown !== place) found.shown?.show(null);
  found.shown = place;
  const marks = place.show(found.pattern).querySelectorAll("mark");
  marks.forEach((mark, at) => mark.classList.toggle("current", at === number));
  marks[number]?.scrollIntoView({ block: "center" });
}

/** @param {Element} tally */
function showTally(tally) {
  const of = found.matches.length;
  tally.textContent = !found.pattern
    ? ""
    : of
      ? `${SHOW.count(found.at + 1)} of ${SHOW.count(of)}${of === MOST ? "+" : ""}`
      : "nothing found";
}
