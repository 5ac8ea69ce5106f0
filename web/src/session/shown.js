// What the page shows of a session: the reader's choices, its turns, and where their parts are.

import { DATA } from "../page/data.js";
import { h } from "../page/dom.js";
import { drawAgain, goTo } from "../page/frame.js";
import { placesOf } from "../page/parts.js";

/** @type {{ session: number, agent: string, mapped: number | null }} */
export const STATE = { session: 0, agent: "", mapped: null }; // what the reader has chosen

/** @param {Page.Session} shown */
export function turnsOf(shown) {
  return shown.report.turns.filter((turn) => !STATE.agent || turn.agent === STATE.agent);
}

/**
 * A menu to show only one agent's turns.
 *
 * @param {Page.Session} shown
 */
export function agentPicker(shown) {
  const names = [...new Set(shown.report.turns.map((turn) => turn.agent))];
  if (names.length < 2) return null;
  /**
   * @param {string} value
   * @param {string} name
   */
  const option = (value, name) => h("option", { value, selected: value === STATE.agent }, name);
  return h(
    "p",
    { class: "picker" },
    h(
      "select",
      {
        "aria-label": "Agent",
        onchange: (/** @type {any} */ event) => {
          Object.assign(STATE, { agent: event.target.value, mapped: null });
          drawAgain();
        },
      },
      option("", "All agents"),
      names.map((name) => option(name, name)),
    ),
  );
}

/**
 * Whether an answer may still come: nothing says how it ended, and its agent has asked nothing since.
 *
 * @param {Data.SessionReport} report
 * @param {Data.Turn} turn
 */
export function isRunning(report, turn) {
  return (
    DATA.live &&
    turn.state === "incomplete" &&
    turn.total === null &&
    !report.turns.some((other) => other.number > turn.number && other.agent === turn.agent)
  );
}

/**
 * The turn in which each part occurs first: part -> number of the turn.
 *
 * @param {Page.Session} shown
 */
export function firstTurns(shown) {
  if (shown.first) return shown.first;
  const first = (shown.first = new Map());
  shown.exchanges.forEach(({ parts, answer }, place) => {
    for (const part of [...placesOf(parts), ...placesOf(answer)]) if (!first.has(part)) first.set(part, place + 1);
  });
  return first;
}

/**
 * The fold of a turn, where it is on the page.
 *
 * @param {Page.Session} shown
 * @param {number} [number]
 */
export function turnElement(shown, number) {
  return /** @type {Page.TurnFold | null} */ (document.getElementById(`${shown.prefix}turn-${number}`));
}

/**
 * @param {Page.Session} shown
 * @param {number} place
 */
export function goToPart(shown, place) {
  const fold = turnElement(shown, firstTurns(shown).get(place));
  if (!fold) return;
  fold.ensure();
  goTo(fold.parts.get(place)?.id ?? fold.id);
}

/**
 * @param {Page.Session} shown
 * @param {string} kind
 */
export function labelOf(shown, kind) {
  return shown.causes.find((cause) => cause.kind === kind)?.label ?? kind;
}

/** @param {{ before: string, after: string }} given */
export function beforeAfter({ before, after }) {
  return (
    (before || after) &&
    h("div", { class: "before-after" }, h("del", {}, before || "(nothing)"), h("ins", {}, after || "(nothing)"))
  );
}
