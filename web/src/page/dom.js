// The only way to make elements: the page's own code names elements and attributes, and all that comes from a trace
// becomes text. Nothing here, or anywhere else in the page, parses a string as HTML.

import { EACH_HIDDEN, HIDDEN, codeOf } from "./text.js";

/**
 * An element: its attributes (class, and on… for listeners), then its children; strings among them become text.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [attributes]
 * @param {...Page.Child} children
 */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  put(element, ...children);
  return element;
}

/**
 * @param {Element} element
 * @param {...Page.Child} children
 */
export function put(element, ...children) {
  for (const child of /** @type {Page.Child[]} */ (children.flat(/** @type {1} */ (Infinity)))) {
    if (child === null || child === undefined || child === false || child === "") continue;
    element.append(child instanceof Node ? child : visible(String(child)));
  }
}

/**
 * A text as nodes, with each hidden character written out as its code.
 *
 * @param {string} text
 */
export function visible(text) {
  if (!HIDDEN.test(text)) return document.createTextNode(text);
  const fragment = document.createDocumentFragment();
  text.split(EACH_HIDDEN).forEach((piece, place) => {
    if (place % 2) fragment.append(sign(piece));
    else if (piece) fragment.append(document.createTextNode(piece));
  });
  return fragment;
}

/** @param {string} character */
function sign(character) {
  const element = document.createElement("span");
  element.className = "sign";
  element.textContent = codeOf(character);
  return element;
}

/** Calls `whenSeen` of each observed element once, when it first comes into view. */
export const seen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      seen.unobserve(entry.target);
      /** @type {Page.Seen} */ (entry.target).whenSeen();
    }
  },
  { rootMargin: "600px" },
);
