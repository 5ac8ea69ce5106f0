// Folds: long texts are put into the page when a reader opens them or a search finds them.

import { h, visible } from "./dom.js";
import { SHOW } from "./format.js";
import { splitByMatches } from "./matches.js";
import { firstPart } from "./text.js";

/**
 * A fold whose content is made by `fill(inside)` when it is first opened.
 *
 * @param {{ id: string, tone?: string, summary: Page.Child, open?: boolean, fill: (inside: HTMLElement) => void }} given
 */
export function fold({ id, tone, summary, open, fill }) {
  const inside = h("div", { class: "inside" });
  const element = h("details", { id, class: `fold ${tone ?? ""}`, open }, h("summary", {}, summary), inside);
  const ensure = () => {
    if (!inside.hasChildNodes()) fill(inside);
    return inside;
  };
  const details = /** @type {Page.Fold} */ (Object.assign(element, { ensure }));
  details.addEventListener("toggle", () => details.open && details.ensure());
  if (open) details.ensure();
  return details;
}

/**
 * Puts a text into an element: its first part, or all of it with what matches a pattern marked.
 *
 * @param {Element} element
 * @param {string} text
 * @param {RegExp | null} [pattern]
 * @param {boolean} [all]
 */
export function putText(element, text, pattern = null, all = false) {
  element.replaceChildren();
  const start = pattern || all ? text : firstPart(text);
  const pieces = pattern ? splitByMatches(start, pattern) : [start];
  element.append(...pieces.map((piece, place) => (place % 2 ? h("mark", {}, piece) : visible(piece))));
  if (start.length < text.length) {
    element.append(
      h(
        "button",
        { class: "quiet", type: "button", onclick: () => putText(element, text, null, true) },
        `Show all ${SHOW.count(text.length)} characters`,
      ),
    );
  }
}

/**
 * Opens the folds around an element, and calls `reveal` of what else is around it.
 *
 * @param {Element} element
 */
export function reveal(element) {
  for (let around = /** @type {Page.Revealing | null} */ (element); around; around = around.parentElement) {
    around.reveal?.();
    if (around instanceof HTMLDetailsElement) around.open = true;
  }
}

/**
 * @param {string} name
 * @param {() => string} text
 */
export function copyButton(name, text) {
  return h(
    "button",
    {
      class: "quiet",
      type: "button",
      onclick: async (/** @type {any} */ click) => {
        const button = click.currentTarget;
        const done = await copyText(text());
        button.textContent = done ? "Copied" : "Couldn’t copy";
        setTimeout(() => (button.textContent = name), 1500);
      },
    },
    name,
  );
}

/**
 * Copies a text, and returns whether that worked. A page from disk may not be allowed to use the clipboard directly: then
 * a selected element is copied.
 *
 * @param {string} text
 */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = h("textarea", { class: "offstage" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
