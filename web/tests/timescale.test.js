import { describe, expect, test } from "vitest";
import { elapsed, timescale } from "../src/session/timescale.js";

const span = (activity, from, to) => ({ activity, from, to });

describe("the axis shortens the time in which only the user was active", () => {
  const scale = timescale([span("waiting", 0, 10), span("person", 10, 3610), span("writing", 3610, 3620)]);

  test("to a short pause", () => {
    expect(scale.cuts).toEqual([{ from: 10, to: 10.6, seconds: 3600 }]);
    expect(scale.end).toBeCloseTo(20.6);
  });
  test.each([0, 5, 10, 1810, 3615, 3620])("%d s is mapped to the axis and back", (moment) =>
    expect(scale.time(scale.place(moment))).toBeCloseTo(moment),
  );
});

test("a short pause keeps its length", () => {
  expect(timescale([span("waiting", 0, 10), span("person", 10, 10.5), span("writing", 10.5, 20)]).cuts).toEqual([]);
});

test.each([
  [3.14, "3.1 s"],
  [42.4, "42 s"],
  [61, "1:01 min"],
  [3723, "1:02:03"],
])("%d seconds", (seconds, shown) => expect(elapsed(seconds)).toBe(shown));
