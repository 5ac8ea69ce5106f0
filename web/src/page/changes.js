// What changed in a request, since the turn that it continues or on its way to the server: parts that were added, removed
// or changed.

import { partFold } from "./conversation.js";
import { DATA } from "./data.js";
import { h } from "./dom.js";
import { copyButton, putText, reveal } from "./fold.js";
import { SHOW, pluralize } from "./format.js";
import { textOf } from "./parts.js";
import { similar, readable } from "./text.js";
import { diffArrays, diffLines, diffWordsWithSpace } from "diff";

const PATIENCE = { timeout: 800 }; // milliseconds: comparing two texts that have nothing in common would take long
const AROUND = 120; // characters of unchanged text that are shown on each side of a change
const BY_WORDS = 20000; // characters of two texts up to which they are compared word by word, then line by line

/**
 * The changes between two lists of parts, in order; `before` is what the earlier turn was asked and answered.
 *
 * @param {number[]} before
 * @param {number[]} after
 */
export function changes(before, after) {
  const pieces = diffArrays(before, after, PATIENCE);
  if (!pieces) return [...before.map((went) => ({ went })), ...after.map((came) => ({ came }))];
  /** @type {Page.Change[]} */
  const found = [];
  /** @type {number[]} */
  let went = [];
  const gone = () => found.push(...went.splice(0).map((place) => ({ went: place })));
  for (const { value, added, removed } of pieces) {
    if (removed) went = [...value];
    else if (!added) {
      gone();
      found.push({ same: value });
    } else
      for (const came of value) {
        const pair = went.findIndex((place) => samePlace(DATA.parts[place], DATA.parts[came]));
        if (pair < 0) found.push({ came });
        else {
          found.push(...went.splice(0, pair).map((place) => ({ went: place })));
          found.push({ changed: { before: went[0], after: came } });
          went.shift();
        }
      }
  }
  gone();
  return found;
}

/**
 * Whether one part can be a changed version of the other: tools by their name, blocks by their place, messages by
 * their text.
 *
 * @param {Data.Part} one
 * @param {Data.Part} other
 */
function samePlace(one, other) {
  if (one.section !== other.section || one.kind !== other.kind || one.name !== other.name) return false;
  return one.section === "messages"
    ? similar(textOf(one), textOf(other))
    : one.section === "tools" || one.index === other.index;
}

/**
 * A part that changed, in one fold, with its differences.
 *
 * @param {Data.Part} before
 * @param {Data.Part} after
 * @param {string} id
 */
function changedFold(before, after, id) {
  const details = partFold(after, id, false);
  const inside = /** @type {HTMLElement} */ (details.querySelector(".inside"));
  const [old, now] = [readable(before, textOf(before)), readable(after, textOf(after))];
  details.classList.add("changed");
  details.querySelector(".kind")?.append(h("b", {}, " changed"));
  details.ensure = () => {
    if (!inside.hasChildNodes())
      inside.append(
        copyButton("Copy", () => textOf(after)),
        h("div", { class: "text", dir: "auto" }, textDiff(old, now)),
      );
    return inside;
  };
  const showing = (/** @type {string} */ text) => (/** @type {RegExp | null} */ pattern) => {
    if (pattern) reveal(details);
    const body = /** @type {HTMLElement} */ (details.ensure().querySelector(".text"));
    if (pattern) putText(body, text, pattern);
    else body.replaceChildren(...h("div", {}, textDiff(old, now)).childNodes);
    return body;
  };
  details.show = showing(now);
  details.showBefore = showing(old);
  return details;
}

/**
 * @param {string} old
 * @param {string} now
 */
function textDiff(old, now) {
  const long = old.length + now.length > BY_WORDS;
  const found = long ? diffLines(old, now, PATIENCE) : diffWordsWithSpace(old, now, PATIENCE);
  /** @type {{ value: string, added?: boolean, removed?: boolean }[]} */
  const pieces = found ?? [
    { value: old, removed: true },
    { value: now, added: true },
  ];
  return pieces.map(({ value, added, removed }, place) => {
    if (added) return h("ins", {}, value);
    if (removed) return h("del", {}, value);
    return shorten(value, place > 0, place < pieces.length - 1);
  });
}

/**
 * Unchanged text, of which only the part near changes is shown; `behind` and `ahead` say whether there is one on that side.
 *
 * @param {string} text
 * @param {boolean} behind
 * @param {boolean} ahead
 */
function shorten(text, behind, ahead) {
  const [start, end] = [behind ? AROUND : 0, ahead ? AROUND : 0];
  if (text.length <= start + end + 60) return text;
  const left = text.length - start - end;
  return [
    text.slice(0, start),
    h("span", { class: "left-out" }, ` … ${pluralize(left, "character")} as before … `),
    end ? text.slice(-end) : "",
  ];
}

/**
 * One change: parts that stayed, in a line, or a part that came, went or changed, in a fold. `add` takes each fold of a
 * part that is there now, with its place.
 *
 * @param {Page.Change} given
 * @param {string} id
 * @param {(fold: Page.PartFold, place: number) => Page.PartFold} [add]
 */
export function changeFold({ same, came, went, changed }, id, add = (each) => each) {
  if (same) {
    const tokens = same.reduce((sum, place) => sum + (DATA.parts[place].tokens ?? 0), 0);
    return h("p", { class: "same" }, `${pluralize(same.length, "part")} as before, ${SHOW.tokens(tokens)} tokens`);
  }
  if (changed) return add(changedFold(DATA.parts[changed.before], DATA.parts[changed.after], id), changed.after);
  const each = partFold(DATA.parts[came ?? went ?? 0], id, false);
  each.classList.add(came === undefined ? "went" : "came");
  if (came === undefined) each.querySelector(".kind")?.append(h("b", {}, " removed"));
  return came === undefined ? each : add(each, came);
}
