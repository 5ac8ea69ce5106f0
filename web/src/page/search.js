// Search over all texts, folded or not. Whoever shows a text says so by `searchable`; going to a place unfolds it there.

import { h } from "./dom.js";
import { SHOW } from "./format.js";
import { MOST, matchesIn, patternOf } from "./matches.js";

const places = []; // {text() -> string, show(pattern) -> element}: pattern null takes the marks away
let found = { matches: [], at: 0, shown: null, pattern: null };

export function searchable(text, show) {
  places.push({ text, show });
}

/** Whether there is anything to search. */
export function isSearchable() {
  return places.length > 0;
}

/** Before a page is drawn again. */
export function forgetSearchable() {
  places.length = 0;
}

export function searchBox(words) {
  const input = h("input", { type: "search", placeholder: words, "aria-label": words, spellcheck: "false" });
  const tally = h("output", { "aria-live": "polite" });
  let waiting;
  const go = (step) => {
    move(step);
    tell(tally);
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
    if (key.key !== "/" || /input|textarea|select/.test(document.activeElement.localName)) return;
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

function find(words) {
  found.shown?.show(null);
  found = { matches: [], at: 0, shown: null, pattern: null };
  if (words.length < 2) return;
  found.pattern = patternOf(words);
  found.matches = matchesIn(places, found.pattern);
}

/** What was searched before the page was drawn anew, at the same match; nothing is scrolled or unfolded for it. */
export function findAgain(words) {
  const { at } = found;
  document.querySelector("input[type=search]").value = words;
  find(words);
  found.at = Math.min(at, Math.max(found.matches.length - 1, 0));
  tell(document.querySelector("search output"));
}

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

function tell(tally) {
  const of = found.matches.length;
  tally.textContent = !found.pattern
    ? ""
    : of
      ? `${SHOW.count(found.at + 1)} of ${SHOW.count(of)}${of === MOST ? "+" : ""}`
      : "nothing found";
}
