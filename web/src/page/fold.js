// Long texts: they lie in DATA.texts, each once, and come into the page when a reader unfolds them or a search finds them.

import { h, visible } from "./dom.js";
import { SHOW } from "./format.js";
import { marked } from "./matches.js";
import { beginning } from "./text.js";

/** A fold whose inside is made when it is first opened. `fill(inside)` makes it. */
export function fold({ id, tone, summary, open, fill }) {
  const inside = h("div", { class: "inside" });
  const details = h("details", { id, class: `fold ${tone ?? ""}`, open }, h("summary", {}, summary), inside);
  details.ensure = () => {
    if (!inside.hasChildNodes()) fill(inside);
    return inside;
  };
  details.addEventListener("toggle", () => details.open && details.ensure());
  if (open) details.ensure();
  return details;
}

/** Puts a text into an element: its beginning, or all of it with what matches a pattern marked. */
export function putText(element, text, pattern = null, all = false) {
  element.replaceChildren();
  const start = pattern || all ? text : beginning(text);
  const pieces = pattern ? marked(start, pattern) : [start];
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

/** Lets a reader see an element that lies in folds, or in what else has a way to show itself. */
export function reveal(element) {
  for (let around = element; around; around = around.parentElement) {
    if (around.localName === "details") around.open = true;
    around.reveal?.();
  }
}

export function copyButton(name, text) {
  return h(
    "button",
    {
      class: "quiet",
      type: "button",
      onclick: async (click) => {
        const button = click.currentTarget;
        const done = await copied(text());
        button.textContent = done ? "Copied" : "Couldn’t copy";
        setTimeout(() => (button.textContent = name), 1500);
      },
    },
    name,
  );
}

/** A page from disk may not be allowed to use the clipboard directly; an element that is selected can be copied there. */
async function copied(text) {
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
