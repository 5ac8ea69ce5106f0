import { describe, expect, test } from "vitest";
import { splitByMatches, matchesIn, MOST, patternOf } from "../src/page/matches.js";

const place = (text) => ({ text: () => text });

describe("a search finds what was typed, literally", () => {
  test.each([
    ["plum", "A Plum, two PLUMS", 2],
    ["a.b", "axb a.b", 1],
    ["(x)*", "(x)* xx", 1],
    ["straße", "STRASSE Straße", 1],
    ["nothing", "else", 0],
  ])("%j in %j", (words, text, number) => expect(matchesIn([place(text)], patternOf(words))).toHaveLength(number));
});

test("each match has the text that holds it and its number there", () => {
  const [one, other] = [place("plum plum"), place("a plum")];
  expect(matchesIn([one, other], patternOf("plum"))).toEqual([
    { place: one, number: 0 },
    { place: one, number: 1 },
    { place: other, number: 0 },
  ]);
});

test("the number of matches is limited", () => {
  expect(matchesIn([place("xx".repeat(MOST)), place("xx")], patternOf("xx"))).toHaveLength(MOST);
});

describe("a text is split at its matches", () => {
  test.each([
    ["a plum.", ["a ", "plum", "."]],
    ["plum", ["", "plum", ""]],
    ["plumplum", ["", "plum", "", "plum", ""]],
    ["none", ["none"]],
  ])("%j", (text, pieces) => expect(splitByMatches(text, patternOf("plum"))).toEqual(pieces));
});
