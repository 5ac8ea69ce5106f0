import { expect, test } from "vitest";
import { textColour, logarithmic } from "../src/page/scales.js";

test.each([
  [[1, 30], false],
  [[1, 31], true],
  [[0, 1, 31], true],
  [[5], false],
  [[], false],
])("%j need a logarithmic axis: %s", (values, is) => expect(logarithmic(values)).toBe(is));

test.each([
  ["rgb(255, 255, 255)", "#1d1b19"],
  ["rgb(51, 34, 136)", "#ffffff"],
])("on %s text is %s", (colour, letter) => expect(textColour(colour)).toBe(letter));
