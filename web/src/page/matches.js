// What a search finds in texts, and where.

export const MOST = 10000; // matches that are listed

/**
 * A pattern that matches what a reader typed, literally and in any case.
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
 * A text in pieces, of which every second one matches.
 *
 * @param {string} text
 * @param {RegExp} pattern
 */
export function splitByMatches(text, pattern) {
  const pieces = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    pieces.push(text.slice(from, match.index), match[0]);
    from = match.index + match[0].length;
  }
  return [...pieces, text.slice(from)];
}
