// A conversation from its parts: what a request is made of, or an answer. A part's text is unfolded, or folded under its
// first words.

import { h } from "./dom.js";
import { copyButton, fold, putText, reveal } from "./fold.js";
import { SHOW, counted } from "./format.js";
import { KINDS, textOf } from "./parts.js";
import { searchable } from "./search.js";
import { legible, preview } from "./text.js";

/** @typedef {[Data.Part, Page.PartFold]} Shown */

const SHORT = 600; // characters of what people said that are shown at once
const SAID = ["user", "assistant", "thinking", "tool_input"];

/**
 * Parts one below the other, tools and system prompt folded together. `prefix` begins their ids, which links lead to. A
 * search finds them, unless they are `silent`; `made(fold, place)` is told of each.
 *
 * @param {Data.Part[]} parts
 * @param {string} prefix
 * @param {{ open?: boolean, silent?: boolean, made?: (fold: Page.PartFold, place: number) => void }} [given]
 */
export function conversation(parts, prefix, { open = false, silent = false, made = () => {} } = {}) {
  const folds = parts.map(
    (part, place) => /** @type {Shown} */ ([part, partFold(part, `${prefix}${place + 1}`, open)]),
  );
  folds.forEach(([, each], place) => made(each, place));
  if (!silent) for (const [, each] of folds) if (each.text()) searchable(each.text, each.show);
  const of = (/** @type {string} */ section) => folds.filter(([part]) => part.section === section);
  return h(
    "div",
    { class: "conversation" },
    together(of("tools"), `${prefix}tools`, "Tool definitions", "tool"),
    together(of("system"), `${prefix}system`, "System prompt", "block"),
    of("messages").map(([, each]) => each),
  );
}

/**
 * @param {Shown[]} folds
 * @param {string} id
 * @param {string} name
 * @param {string} thing
 */
function together(folds, id, name, thing) {
  if (!folds.length) return null;
  const tokens = folds.reduce((sum, [part]) => sum + (part.tokens ?? 0), 0);
  const details = h(
    "details",
    { id, class: `fold kind-${KINDS[folds[0][0].kind].colour}` },
    h(
      "summary",
      {},
      h("span", { class: "kind" }, name),
      h("span", { class: "preview" }, counted(folds.length, thing)),
      h("span", { class: "count" }, SHOW.tokens(tokens), h("small", {}, " tokens")),
      h("span"),
    ),
    h(
      "div",
      { class: "inside" },
      folds.map(([, each]) => each),
    ),
  );
  return details;
}

/**
 * @param {Data.Part} part
 * @param {string} id
 * @param {boolean} open
 */
export function partFold(part, id, open) {
  const kind = KINDS[part.kind] ?? KINDS.other;
  const text = textOf(part);
  const body = h("div", { class: "text", dir: "auto" });
  const readable = legible(part, text);
  const details = fold({
    id,
    tone: `kind-${kind.colour}`,
    open: open || (SAID.includes(part.kind) && text.length > 0 && text.length <= SHORT),
    summary: [
      h("span", { class: "kind" }, kind.name, part.name && h("b", {}, ` ${part.name}`)),
      h("span", { class: "preview", dir: "auto" }, part.media ? part.media : preview(text)),
      h("span", { class: "count" }, part.tokens !== null && [SHOW.tokens(part.tokens), h("small", {}, " tokens")]),
      h("a", { class: "anchor", href: `#${id}`, "aria-label": "Link to this part" }, "#"),
    ],
    fill: (inside) => {
      putText(body, readable);
      inside.append(text && copyButton("Copy", () => text), body);
    },
  });
  const show = (/** @type {RegExp | null} */ pattern) => {
    if (pattern) reveal(details);
    details.ensure();
    putText(body, readable, pattern);
    return body;
  };
  return /** @type {Page.PartFold} */ (Object.assign(details, { text: () => readable, show }));
}
