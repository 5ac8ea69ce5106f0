// Text as a page shows it: with hidden characters written out, and shortened where there is little room.

/** Characters that a reader can't see, or that change the direction of those beside them: control characters, marks of
 * direction, halves of surrogate pairs. A carriage return before a newline only ends a line. */
/* eslint-disable no-control-regex, no-misleading-character-class -- these are what it looks for */
export const HIDDEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u034f\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0]|\udb40[\udc00-\udfff]|\r(?!\n)|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

export const EACH_HIDDEN = new RegExp(`(${HIDDEN.source})`);
/* eslint-enable no-control-regex, no-misleading-character-class */

/** @param {string} character */
export function codeOf(character) {
  return "U+" + (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}

/**
 * A text with hidden characters written out, for labels in charts.
 *
 * @param {string} text
 */
export function plain(text) {
  return HIDDEN.test(text)
    ? text
        .split(EACH_HIDDEN)
        .map((piece, place) => (place % 2 ? codeOf(piece) : piece))
        .join("")
    : text;
}

/**
 * A text in at most `most` characters, without its middle: the names of models differ at their ends.
 *
 * @param {string} text
 * @param {number} most
 */
export function cutMiddle(text, most) {
  if (text.length <= most) return text;
  const tail = Math.floor((most - 1) / 2);
  return `${text.slice(0, most - 1 - tail)}…${text.slice(-tail)}`;
}

const PREVIEW = 160;

/** @param {string} text */
export function preview(text) {
  const start = text
    .slice(0, PREVIEW * 3)
    .replace(/\s+/g, " ")
    .trim();
  return start.length > PREVIEW || text.length > PREVIEW * 3 ? `${start.slice(0, PREVIEW)}…` : start;
}

/**
 * The text of a part; the JSON of a tool call or of a tool's definition as lines.
 *
 * @param {{ kind: string }} part
 * @param {string} text
 */
export function readable(part, text) {
  if (part.kind !== "tool_input" && part.kind !== "tool") return text;
  try {
    return lines(JSON.parse(text), "");
  } catch {
    return text;
  }
}

/**
 * An object as lines `key: value`; texts of several lines are put below their key.
 *
 * @param {unknown} value
 * @param {string} indent
 * @returns {string}
 */
function lines(value, indent) {
  if (value === null || typeof value !== "object") return String(value);
  if (Object.keys(value).length === 0) return Array.isArray(value) ? "[]" : "{}";
  return Object.entries(value)
    .map(([key, item]) => {
      const name = Array.isArray(value) ? "-" : `${key}:`;
      if (item !== null && typeof item === "object" && Object.keys(item).length)
        return `${indent}${name}\n${lines(item, `${indent}  `)}`;
      if (typeof item === "string" && item.includes("\n"))
        return `${indent}${name}\n${item.replace(/^/gm, `${indent}  `)}`;
      return `${indent}${name} ${lines(item, indent)}`;
    })
    .join("\n");
}

/**
 * Whether at least half of the shorter text is at the beginning and the end of both.
 *
 * @param {string} one
 * @param {string} other
 */
export function similar(one, other) {
  const most = Math.min(one.length, other.length);
  let start = 0;
  while (start < most && one[start] === other[start]) start++;
  let end = 0;
  while (end < most - start && one.at(-1 - end) === other.at(-1 - end)) end++;
  return most > 0 && start + end >= most / 2;
}

const AT_ONCE = 20000; // characters of one text that are shown before a reader asks for the rest

/**
 * The part of a text that is shown at first.
 *
 * @param {string} text
 */
export function firstPart(text) {
  return text.length <= AT_ONCE * 1.2 ? text : text.slice(0, AT_ONCE);
}
