import { describe, expect, test } from "vitest";
import { marked, matchesIn, MOST, patternOf } from "../src/page/matches.js";

const place = (text) => ({ text: () => text });

describe("a search finds what was typed, as it is", () => {
  test.each([
    ["plum", "A Plum, two PLUMS", 2],
    ["a.b", "axb a.b", 1],
    ["(x)*", "(x)* xx", 1],
    ["straße", "STRASSE Straße", 1],
    ["nothing", "else", 0],
  ])("%j in %j", (words, text, number) => expect(matchesIn([place(text)], patternOf(words))).toHaveLength(number));
});

test("each match is known by the text that holds it and its number there", () => {
  const [one, other] = [place("plum plum"), place("a plum")];
  expect(matchesIn([one, other], patternOf("plum"))).toEqual([
    { place: one, number: 0 },
    { place: one, number: 1 },
    { place: other, number: 0 },
  ]);
});

test("there is a limit to what is worth going through", () => {
  expect(matchesIn([place("xx".repeat(MOST)), place("xx")], patternOf("xx"))).toHaveLength(MOST);
});

describe("a text is cut where it matches", () => {
  test.each([
    ["a plum.", ["a ", "plum", "."]],
    ["plum", ["", "plum", ""]],
    ["plumplum", ["", "plum", "", "plum", ""]],
    ["none", ["none"]],
  ])("%j", (text, pieces) => expect(marked(text, patternOf("plum"))).toEqual(pieces));
});
