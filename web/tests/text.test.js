import { describe, expect, test } from "vitest";
import { similar, firstPart, codeOf, readable, cutMiddle, plain, preview } from "../src/page/text.js";

describe("hidden characters are written out as their codes", () => {
  test.each([
    ["left \u202eright", "left U+202Eright"],
    ["\u001b[2J", "U+001B[2J"],
    ["a half \ud83d of a pair", "a half U+D83D of a pair"],
    ["a whole 😀 pair", "a whole 😀 pair"],
    ["a line\r\nand a return\rin it", "a line\r\nand a returnU+000Din it"],
    ["tabs\tand\nlines stay", "tabs\tand\nlines stay"],
  ])("%j", (text, shown) => expect(plain(text)).toBe(shown));

  test("also beyond the first 65,536", () => expect(codeOf("\u{e0041}")).toBe("U+E0041"));
});

test("a long name is cut in its middle", () => {
  expect(cutMiddle("qwen3-coder-30b-a3b-instruct-q4", 13)).toBe("qwen3-…uct-q4");
  expect(cutMiddle("short", 13)).toBe("short");
});

describe("a preview is one line of at most 160 characters", () => {
  test.each([
    ["two\n  lines ", "two lines"],
    ["x".repeat(160), "x".repeat(160)],
    ["x".repeat(161), `${"x".repeat(160)}…`],
    [`${" ".repeat(480)}x`, "…"],
  ])("%#", (text, shown) => expect(preview(text)).toBe(shown));
});

test("a long text is shown in part, but never to save a few characters", () => {
  expect(firstPart("x".repeat(24_000))).toHaveLength(24_000);
  expect(firstPart("x".repeat(24_001))).toHaveLength(20_000);
});

describe("the arguments of a tool are shown line by line", () => {
  const call = { kind: "tool_input" };
  test.each([
    ['{"path":"/etc/hosts","limit":5}', "path: /etc/hosts\nlimit: 5"],
    ['{"text":"two\\nlines"}', "text:\n  two\n  lines"],
    ['{"a":{"b":[1,{"c":null}]},"d":{},"e":[]}', "a:\n  b:\n    - 1\n    -\n      c: null\nd: {}\ne: []"],
    ['{"half', '{"half'],
  ])("%j", (text, shown) => expect(readable(call, text)).toBe(shown));

  test("other texts stay as they are", () => expect(readable({ kind: "user" }, '{"a":1}')).toBe('{"a":1}'));
});

describe("texts that share half of the shorter one at their ends are similar", () => {
  test.each([
    ["You are a careful agent.", "You are a hasty agent.", true],
    ["the same", "the same", true],
    ["abcd", "abxy", true],
    ["abcd", "axyz", false],
    ["", "", false],
  ])("%j, %j", (one, other, is) => expect(similar(one, other)).toBe(is));
});
