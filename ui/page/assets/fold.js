// Long texts: they lie in DATA.texts, each once, and come into the page when a reader unfolds them or a search finds them.

const AT_ONCE = 20000; // characters of one text that are shown before a reader asks for the rest
const PREVIEW = 160;

/** A fold whose inside is made when it is first opened. `fill(inside)` makes it. */
function fold({ id, tone, summary, open, fill }) {
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
function putText(element, text, pattern = null, all = false) {
  element.replaceChildren();
  const end = pattern || all || text.length <= AT_ONCE * 1.2 ? text.length : AT_ONCE;
  let from = 0;
  for (const match of pattern ? text.matchAll(pattern) : []) {
    element.append(visible(text.slice(from, match.index)), h("mark", {}, match[0]));
    from = match.index + match[0].length;
  }
  element.append(visible(text.slice(from, end)));
  if (end < text.length) {
    element.append(h("button", { class: "quiet", type: "button", onclick: () => putText(element, text, null, true) },
      `Show all ${SHOW.count(text.length)} characters`));
  }
}

/** Lets a reader see an element that lies in folds, or in what else has a way to show itself. */
function reveal(element) {
  for (let around = element; around; around = around.parentElement) {
    if (around.localName === "details") around.open = true;
    around.reveal?.();
  }
}

function preview(text) {
  const start = text.slice(0, PREVIEW * 3).replace(/\s+/g, " ").trim();
  return start.length > PREVIEW || text.length > PREVIEW * 3 ? `${start.slice(0, PREVIEW)}…` : start;
}

function copyButton(name, text) {
  return h("button", {
    class: "quiet", type: "button", onclick: async (click) => {
      const button = click.currentTarget;
      const done = await copied(text());
      button.textContent = done ? "Copied" : "Couldn’t copy";
      setTimeout(() => (button.textContent = name), 1500);
    },
  }, name);
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
