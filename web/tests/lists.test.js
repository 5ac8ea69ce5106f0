import { expect, test } from "vitest";
import { expand } from "../src/page/lists.js";

const LISTS = [
  [[0, 4]],
  [[9, 11]],
  [
    [1, 3, 0],
    [7, 8],
    [0, 2, 1],
  ],
  [[2, 5, 2]],
];

test.each([
  [0, [0, 1, 2, 3]],
  [1, [9, 10]],
  [2, [1, 2, 7, 9, 10]],
  [3, [7, 9, 10]],
])("list %i refers to earlier ones", (list, numbers) => expect(expand(LISTS, list)).toEqual(numbers));
