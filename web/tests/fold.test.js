// @vitest-environment happy-dom
import { describe, expect, test } from "vitest";
import { h } from "../src/page/dom.js";
import { fold, putText, reveal } from "../src/page/fold.js";
import { patternOf } from "../src/page/matches.js";

const folded = (more = {}) => {
  let made = 0;
  const details = fold({ id: "a", summary: "what it is", fill: (inside) => inside.append(`made ${++made}`), ...more });
  return details;
};
const inside = (details) => details.querySelector(".inside").textContent;

describe("the content of a fold is made once, when it is needed", () => {
  test("not before", () => expect(inside(folded())).toBe(""));
  test("at once where it is open", () => expect(inside(folded({ open: true }))).toBe("made 1"));
  test("when it is opened", () => {
    const details = folded();
    details.open = true;
    details.dispatchEvent(new Event("toggle"));
    details.ensure();
    expect(inside(details)).toBe("made 1");
  });
});

test("an element is revealed by opening all that is around it", () => {
  const inner = h("p");
  let chosen = false;
  const middle = Object.assign(h("div", {}, inner), { reveal: () => (chosen = true) });
  const outer = folded({ fill: (inside) => inside.append(middle) });
  outer.ensure();
  reveal(inner);
  expect([outer.open, chosen]).toEqual([true, true]);
});

describe("a text", () => {
  const long = "x".repeat(30_000);

  test("is cut where it is long, and complete when a reader asks for the rest", () => {
    const element = h("div");
    putText(element, long);
    expect(element.textContent).toBe(`${"x".repeat(20_000)}Show all 30,000 characters`);
    element.querySelector("button").click();
    expect(element.textContent).toBe(long);
  });

  test("is complete where a search found it, and its matches are marked", () => {
    const element = h("div");
    putText(element, `${long}<b>plum</b>`, patternOf("PLUM"));
    expect(element.textContent).toBe(`${long}<b>plum</b>`);
    expect([...element.querySelectorAll("mark")].map((mark) => mark.textContent)).toEqual(["plum"]);
  });
});
