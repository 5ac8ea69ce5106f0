// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { h, visible } from "../src/page/dom.js";

const HOSTILE = "<img src=x onerror=alert(1)></script><!--";

test("all that a trace holds becomes text", () => {
  const element = h("p", { title: HOSTILE }, HOSTILE, [HOSTILE, [h("b", {}, HOSTILE)]]);
  expect(element.children).toHaveLength(1);
  expect(element.textContent).toBe(HOSTILE.repeat(3));
  expect(element.getAttribute("title")).toBe(HOSTILE);
  expect(element.querySelector("img")).toBeNull();
});

test("null, false and empty texts aren't put in; 0 is", () => {
  expect(h("p", {}, null, undefined, false, "", [[]], 0).textContent).toBe("0");
});

test("an attribute is set, left out, or has a value", () => {
  const element = h("input", { disabled: true, hidden: false, title: null, value: undefined, min: 0 });
  expect(element.getAttributeNames()).toEqual(["disabled", "min"]);
});

test("a listener isn't an attribute", () => {
  let clicks = 0;
  const element = h("button", { onclick: () => clicks++ });
  element.click();
  expect(clicks).toBe(1);
  expect(element.getAttributeNames()).toEqual([]);
});

test("a hidden character is shown as its code in an element of its own", () => {
  const element = h("p", {}, visible("left \u202eright"));
  expect(element.querySelector(".sign").textContent).toBe("U+202E");
  expect(element.textContent).toBe("left U+202Eright");
});
