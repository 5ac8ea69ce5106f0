// The only door into the page: elements and attributes are named by our own code, and all that comes from a trace
// becomes text. Nothing here, or anywhere else in the page, reads HTML out of a string.

const DATA = JSON.parse(document.getElementById("data").textContent);

/** The numbers of one of the page's lists, which point to earlier ones where these have the same: [from, to] are numbers,
 * [from, to, list] what that list has at these places. */
function expanded(lists, list) {
  lists.whole ??= [];
  for (let each = lists.whole.length; each <= list; each++) {
    lists.whole.push(lists[each].flatMap(([from, to, of]) =>
      of === undefined ? Array.from({ length: to - from }, (_, step) => from + step) : lists.whole[of].slice(from, to)));
  }
  return lists.whole[list];
}

/** An element: its attributes (class, and on… for listeners), then its children; strings among them become text. */
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  put(element, ...children);
  return element;
}

function put(element, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    element.append(child instanceof Node ? child : visible(String(child)));
  }
}

/** What a reader can't see, or what turns the letters beside it round: control characters, directions of writing, halves
 * of surrogate pairs. A carriage return before a newline is no more than a line's end. */
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u034f\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0]|\udb40[\udc00-\udfff]|\r(?!\n)|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const EACH_HIDDEN = new RegExp(`(${HIDDEN.source})`);

/** Text as it is, with each hidden character written out as its code. */
function visible(text) {
  if (!HIDDEN.test(text)) return document.createTextNode(text);
  const fragment = document.createDocumentFragment();
  text.split(EACH_HIDDEN).forEach((piece, place) => {
    if (place % 2) fragment.append(sign(piece));
    else if (piece) fragment.append(document.createTextNode(piece));
  });
  return fragment;
}

function sign(character) {
  const element = document.createElement("span");
  element.className = "sign";
  element.textContent = codeOf(character);
  return element;
}

function codeOf(character) {
  return "U+" + character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
}

/** The same as a string, for labels that a chart draws. */
function plain(text) {
  return HIDDEN.test(text) ? text.split(EACH_HIDDEN).map((piece, place) => (place % 2 ? codeOf(piece) : piece)).join("") : text;
}

/** In at most so many characters. The middle goes: a model's name differs at its ends. */
function middleCut(text, most) {
  if (text.length <= most) return text;
  const tail = Math.floor((most - 1) / 2);
  return `${text.slice(0, most - 1 - tail)}…${text.slice(-tail)}`;
}

/** What is to be done once with each element when it first comes into view. */
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    entry.target.whenSeen();
  }
}, { rootMargin: "600px" });
