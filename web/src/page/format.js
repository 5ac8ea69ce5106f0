// How numbers are written.

export const UNKNOWN = "–";

/** @type {Record<Page.Kind, (value: number) => string>} */
export const SHOW = {
  count: (value) => value.toLocaleString("en-US"),
  tokens: (value) => value.toLocaleString("en-US"),
  seconds: (value) => `${digits(value, value < 1 ? 3 : 2)} s`,
  milliseconds: (value) => `${(value * 1000).toFixed(1)} ms`,
  dollars: (value) => `$${digits(value, value >= 1 || value === 0 ? 2 : 4)}`,
  speed: (value) => digits(value, 1),
  percent: (value) => `${value}%`,
  text: (value) => String(value),
};

/**
 * @param {number} value
 * @param {number} behind
 */
function digits(value, behind) {
  return value.toLocaleString("en-US", { minimumFractionDigits: behind, maximumFractionDigits: behind });
}

/**
 * The value at `path` ("timing.ttft", "tools.0.tokens") of a document; undefined where there is none.
 *
 * @param {any} document
 * @param {string} path
 */
export function valueAt(document, path) {
  return path
    .split(".")
    .reduce((value, key) => (value === null || value === undefined ? undefined : value[key]), document);
}

/**
 * @param {any} value
 * @param {Page.Kind} kind
 */
export function format(value, kind) {
  return value === null || value === undefined ? UNKNOWN : SHOW[kind](value);
}

/**
 * A number with its noun: "1 tool", "2 tools".
 *
 * @param {number} number
 * @param {string} thing
 */
export function pluralize(number, thing) {
  return `${SHOW.count(number)} ${thing}${number === 1 ? "" : "s"}`;
}
