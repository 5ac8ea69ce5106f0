// A search in all traces, answered by the server of a live page.

import { h } from "./dom.js";
import { pluralize } from "./format.js";

/**
 * A passage that was found; \x02 and \x03 stand around the words in its snippet.
 *
 * @typedef {object} Hit
 * @property {string} timestamp
 * @property {string} name
 * @property {number} turn
 * @property {string | null} title
 * @property {string} role
 * @property {string | null} tool
 * @property {string | null} session
 * @property {string | null} address
 * @property {number} sessions
 * @property {string} snippet
 */

/** Milliseconds after the last key before the server is asked. */
const PAUSE = 250;

let words = "";

/** @type {HTMLElement[]} */
let shown = [];

let asked = 0;

export function historySearch() {
  const input = h("input", {
    type: "search",
    placeholder: "Search in all that was said",
    "aria-label": "Search in all that was said",
    spellcheck: "false",
  });
  input.value = words;
  const results = h("div", { class: "hits", "aria-live": "polite" }, ...shown);
  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    words = input.value;
    waiting = setTimeout(async () => {
      const number = ++asked;
      const found = words.trim() ? await find(words) : [];
      if (number !== asked) return; // an answer to earlier words
      shown = found;
      results.replaceChildren(...found);
    }, PAUSE);
  });
  return h("section", { id: "search", "data-name": "Search" }, h("div", { class: "search" }, input), results);
}

/** @param {string} asked */
async function find(asked) {
  const answer = await fetch(`search?q=${encodeURIComponent(asked)}`).catch(() => null);
  if (!answer?.ok) return [h("p", {}, "The server doesn't answer.")];
  const { hits, problem } = /** @type {{ hits: Hit[]; problem: string | null }} */ (await answer.json());
  if (problem) return [h("p", {}, problem)];
  return hits.length ? hits.map(hit) : [h("p", {}, "Nothing was found.")];
}

/** @param {Hit} found */
function hit(found) {
  const place = found.session ? `turn ${found.turn} of ${found.name}` : found.name;
  const said = found.tool && found.role === "tool" ? `${found.role}, ${found.tool}` : found.role;
  const others = found.sessions > 1 ? `, in ${pluralize(found.sessions, "session")}` : "";
  return h(
    "article",
    {},
    h(
      "p",
      {},
      found.address ? h("a", { href: found.address }, place) : place,
      h("small", {}, ` ${found.timestamp.slice(0, 19).replace("T", " ")}  ${said}${others}`),
    ),
    found.title && h("p", {}, h("small", {}, found.title)),
    h("p", {}, ...marked(found.snippet)),
  );
}

/** @param {string} snippet */
function marked(snippet) {
  const [before, ...rest] = snippet.split("\x02");
  return [
    before,
    ...rest.flatMap((piece) => {
      const [found, behind] = piece.split("\x03");
      return [h("mark", {}, found), behind ?? ""];
    }),
  ];
}
