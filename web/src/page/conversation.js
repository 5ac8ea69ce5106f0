// A conversation: the parts of a request or of an answer. A part's text is open, or folded below its first words.

import { h } from "./dom.js";
import { copyButton, fold, putText, reveal } from "./fold.js";
import { SHOW, pluralize } from "./format.js";
import { KINDS, textOf } from "./parts.js";
import { searchable } from "./search.js";
import { readable, preview } from "./text.js";

/** @typedef {[Data.Part, Page.PartFold]} Shown */

const SHORT = 600; // characters up to which a text of the conversation is shown open
const SHOWN_OPEN = ["user", "assistant", "thinking", "tool_input"];

/**
 * Parts one below the other, the tools in one fold and the system prompt in another. Their ids, for links, begin with
 * `prefix`. A search finds them, unless they are `silent`; `onFold(fold, place)` is called with each.
 *
 * @param {Data.Part[]} parts
 * @param {string} prefix
 * @param {{ open?: boolean, silent?: boolean, onFold?: (fold: Page.PartFold, place: number) => void }} [given]
 */
export function conversation(parts, prefix, { open = false, silent = false, onFold = () => {} } = {}) {
  const folds = parts.map(
    (part, place) => /** @type {Shown} */ ([part, partFold(part, `${prefix}${place + 1}`, open)]),
  );
  folds.forEach(([, each], place) => onFold(each, place));
  if (!silent) for (const [, each] of folds) if (each.text()) searchable(each.text, each.show);
  const of = (/** @type {string} */ section) => folds.filter(([part]) => part.section === section);
  return h(
    "div",
    { class: "conversation" },
    groupFold(of("tools"), `${prefix}tools`, "Tool definitions", "tool"),
    groupFold(of("system"), `${prefix}system`, "System prompt", "block"),
    of("messages").map(([, each]) => each),
  );
}

/**
 * @param {Shown[]} folds
 * @param {string} id
 * @param {string} name
 * @param {string} thing
 */
function groupFold(folds, id, name, thing) {
  if (!folds.length) return null;
  const tokens = folds.reduce((sum, [part]) => sum + (part.tokens ?? 0), 0);
  const details = h(
    "details",
    { id, class: `fold kind-${KINDS[folds[0][0].kind].colour}` },
    h(
      "summary",
      {},
      h("span", { class: "kind" }, name),
      h("span", { class: "preview" }, pluralize(folds.length, thing)),
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
  const shown = readable(part, text);
  const details = fold({
    id,
    tone: `kind-${kind.colour}`,
    open: open || (SHOWN_OPEN.includes(part.kind) && text.length > 0 && text.length <= SHORT),
    summary: [
      h("span", { class: "kind" }, kind.name, part.name && h("b", {}, ` ${part.name}`)),
      h("span", { class: "preview", dir: "auto" }, part.media ? part.media : preview(text)),
      h("span", { class: "count" }, part.tokens !== null && [SHOW.tokens(part.tokens), h("small", {}, " tokens")]),
      h("a", { class: "anchor", href: `#${id}`, "aria-label": "Link to this part" }, "#"),
    ],
    fill: (inside) => {
      putText(body, shown);
      inside.append(text && copyButton("Copy", () => text), body);
    },
  });
  const show = (/** @type {RegExp | null} */ pattern) => {
    if (pattern) reveal(details);
    details.ensure();
    putText(body, shown, pattern);
    return body;
  };
  return /** @type {Page.PartFold} */ (Object.assign(details, { text: () => shown, show }));
}
