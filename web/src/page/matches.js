// What a search finds in texts, and which of it stands where.

export const MOST = 10000; // matches

/**
 * What a reader typed, as it is, whatever letters it is written in.
 *
 * @param {string} words
 */
export function patternOf(words) {
  return new RegExp(words.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"), "giu");
}

/**
 * Each match with the place that holds it, and its number there: [{ place, number }].
 *
 * @template {{ text: () => string }} Place
 * @param {Place[]} places
 * @param {RegExp} pattern
 */
export function matchesIn(places, pattern) {
  const matches = [];
  for (const place of places) {
    for (const number of [...place.text().matchAll(pattern)].keys()) {
      if (matches.length === MOST) return matches;
      matches.push({ place, number });
    }
  }
  return matches;
}

/**
 * A text in pieces, of which each second one matches.
 *
 * @param {string} text
 * @param {RegExp} pattern
 */
export function marked(text, pattern) {
  const pieces = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    pieces.push(text.slice(from, match.index), match[0]);
    from = match.index + match[0].length;
  }
  return [...pieces, text.slice(from)];
}
