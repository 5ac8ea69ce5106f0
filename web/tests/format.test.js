import { describe, expect, test } from "vitest";
import { pluralize, format, valueAt } from "../src/page/format.js";

describe("figures are written as the commands write them", () => {
  test.each([
    [1234567, "tokens", "1,234,567"],
    [0.12345, "seconds", "0.123 s"],
    [1234.5, "seconds", "1,234.50 s"],
    [0.0123, "milliseconds", "12.3 ms"],
    [45.678, "speed", "45.7"],
    [12.5, "percent", "12.5%"],
    [0, "tokens", "0"],
    [null, "tokens", "–"],
    [undefined, "seconds", "–"],
  ])("%j as %s", (value, kind, shown) => expect(format(value, kind)).toBe(shown));
});

test("a count agrees with its noun", () => {
  expect([0, 1, 2, 1000].map((number) => pluralize(number, "tool"))).toEqual([
    "0 tools",
    "1 tool",
    "2 tools",
    "1,000 tools",
  ]);
});

describe("a value is found by its path", () => {
  const report = { tools: [{ tokens: 5 }], timing: { ttft: null } };
  test.each([
    ["tools.0.tokens", 5],
    ["timing.ttft", null],
    ["timing.ttft.more", undefined],
    ["tools.7.tokens", undefined],
  ])("%s", (path, value) => expect(valueAt(report, path)).toBe(value));
});
