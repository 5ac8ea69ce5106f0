// Figures, tables and tiles. A figure is named by its path in the report's JSON, so that the page shows what
// `--format json` prints; its tooltip has the exact value.

import { h } from "./dom.js";
import { SHOW, format, valueAt } from "./format.js";

/**
 * @param {object} report
 * @param {string} path
 * @param {Page.Kind} kind
 */
export function figure(report, path, kind) {
  const value = valueAt(report, path);
  const exact = typeof value === "number" && !Number.isInteger(value) ? String(value) : null;
  return h(
    "span",
    { class: "figure", "data-figure": path, "data-kind": kind, title: exact },
    mark(report, path),
    format(value, kind),
  );
}

/**
 * What stands before a figure: that it is the least a sum with unknown members can be, or an estimate.
 *
 * @param {object} report
 * @param {string} path
 */
function mark(report, path) {
  if (valueAt(report, path) === null) return "";
  return valueAt(report, `${path}_unknown`) > 0 ? "≥ " : valueAt(report, `${path}_estimated`) > 0 ? "~" : "";
}

/**
 * Large figures side by side, each with its name above and a note below.
 *
 * @param {...(Page.Tile | false | null)} all
 */
export function tiles(...all) {
  return h(
    "dl",
    { class: "tiles" },
    all
      .filter((tile) => !!tile)
      .map(({ name, value, unit, note }) =>
        h(
          "div",
          { class: "tile" },
          h("dt", {}, name),
          h("dd", {}, value, unit && h("small", {}, ` ${unit}`)),
          note && h("dd", { class: "note" }, note),
        ),
      ),
  );
}

/**
 * A table. A column is {title, cell(row), number: whether it is aligned as numbers are}.
 *
 * @template Row
 * @param {Page.Column<Row>[]} columns
 * @param {Row[]} rows
 * @param {{ caption?: string, limit?: number }} [given]
 */
export function table(columns, rows, { caption, limit = 12 } = {}) {
  const body = h("tbody");
  const more = (/** @type {boolean} */ all) =>
    rows.slice(body.childElementCount, all ? undefined : limit).forEach((row) =>
      body.append(
        h(
          "tr",
          {},
          columns.map((column) => h("td", { class: column.number && "number" }, column.cell(row))),
        ),
      ),
    );
  more(rows.length <= limit + 2);
  const rest = rows.length - body.childElementCount;
  const head = h(
    "thead",
    {},
    h(
      "tr",
      {},
      columns.map((column) => h("th", { class: column.number && "number", scope: "col" }, column.title)),
    ),
  );
  const button =
    rest > 0 &&
    h(
      "button",
      {
        class: "quiet more",
        type: "button",
        onclick: (/** @type {any} */ click) => {
          more(true);
          click.target.remove();
        },
      },
      `Show ${SHOW.count(rest)} more`,
    );
  return h(
    "div",
    { class: "scroll" },
    h("table", {}, caption && h("caption", {}, caption), head, body),
    button || null,
  );
}

/**
 * A bar, as long as its share of the longest one.
 *
 * @param {number} share
 * @param {string} [colour]
 */
export function bar(share, colour) {
  const inner = h("i");
  inner.style.width = `${Math.max(0, Math.min(1, share || 0)) * 100}%`;
  if (colour) inner.style.background = `var(--${colour})`;
  return h("span", { class: "bar", "aria-hidden": "true" }, inner);
}
