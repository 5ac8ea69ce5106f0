import { describe, expect, test } from "vitest";
import { elapsed, timescale } from "../src/session/timescale.js";

const span = (doing, from, to) => ({ doing, from, to });

describe("the axis leaves out the time in which only the person was at work", () => {
  const scale = timescale([span("waiting", 0, 10), span("person", 10, 3610), span("writing", 3610, 3620)]);

  test("all but a little", () => {
    expect(scale.cuts).toEqual([{ from: 10, to: 10.6, seconds: 3600 }]);
    expect(scale.end).toBeCloseTo(20.6);
  });
  test.each([0, 5, 10, 1810, 3615, 3620])("%d s is found again", (moment) =>
    expect(scale.time(scale.place(moment))).toBeCloseTo(moment),
  );
});

test("a short pause stays", () => {
  expect(timescale([span("waiting", 0, 10), span("person", 10, 10.5), span("writing", 10.5, 20)]).cuts).toEqual([]);
});

test.each([
  [3.14, "3.1 s"],
  [42.4, "42 s"],
  [61, "1:01 min"],
  [3723, "1:02:03"],
])("%d seconds", (seconds, shown) => expect(elapsed(seconds)).toBe(shown));
