// The axis of a session's time, on which time in which only the user was active is shortened.

const PAUSE_SHARE = 0.03; // length of a shortened pause, as a share of all other time

/**
 * A scale from the session's time to places on the axis, and back.
 *
 * @param {Data.Span[]} spans
 */
export function timescale(spans) {
  /** @type {[from: number, to: number, begin: number, end: number][]} */
  const pieces = []; // in seconds, and on the axis
  const busy = spans.filter(({ activity }) => activity !== "person").sort((one, other) => one.from - other.from);
  const sum = busy.reduce((seconds, span) => seconds + span.to - span.from, 0);
  const pause = Math.max(0.5, sum * PAUSE_SHARE);
  const cuts = [];
  let end = { time: 0, place: 0 };
  const on = (/** @type {number} */ time, /** @type {number} */ place) => {
    pieces.push([end.time, time, end.place, place]);
    end = { time, place };
  };
  for (const { from, to } of busy) {
    const gap = from - end.time;
    if (gap > 2 * pause) {
      cuts.push({ from: end.place, to: end.place + pause, seconds: gap });
      on(from, end.place + pause);
    }
    if (to > end.time) on(to, end.place + to - end.time);
  }
  const between = (/** @type {number} */ value, /** @type {number[]} */ [a, b, c, d]) =>
    b === a ? c : c + ((value - a) / (b - a)) * (d - c);
  const find = (/** @type {number} */ value, /** @type {0 | 2} */ from, /** @type {1 | 3} */ to) =>
    pieces.find((piece) => piece[from] <= value && value <= piece[to]) ?? pieces.at(-1) ?? [0, 1, 0, 1];
  return {
    cuts,
    end: end.place,
    place: (/** @type {number} */ time) => between(time, find(time, 0, 1)),
    time: (/** @type {number} */ place) => {
      const [a, b, c, d] = find(place, 2, 3);
      return between(place, [c, d, a, b]);
    },
  };
}

/** @param {number} seconds */
export function elapsed(seconds) {
  if (seconds < 60) return `${Number(seconds.toFixed(seconds < 10 ? 1 : 0))} s`;
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  const two = (/** @type {number} */ number) => String(Math.floor(number)).padStart(2, "0");
  return hours ? `${hours}:${two(minutes % 60)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)} min`;
}
