// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest";
import { h } from "../src/page/dom.js";
import { putText } from "../src/page/fold.js";
import { findAgain, forgetSearchable, searchBox, searchable } from "../src/page/search.js";

const [one, other] = [h("p"), h("p")];
const texts = new Map([
  [one, "a plum and a Plum"],
  [other, "no pear, one plum"],
]);

beforeEach(() => {
  vi.useFakeTimers();
  forgetSearchable();
  for (const [element, text] of texts) {
    searchable(
      () => text,
      (pattern) => {
        putText(element, text, pattern);
        return element;
      },
    );
  }
  document.body.replaceChildren(searchBox("Search"), one, other);
});

const input = () => document.querySelector("input");
const tally = () => document.querySelector("output").textContent;
const current = () => [...document.querySelectorAll("mark")].findIndex((mark) => mark.className === "current");
const press = (more = {}) => input().dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ...more }));

function type(words) {
  input().value = words;
  input().dispatchEvent(new Event("input"));
  vi.runAllTimers();
}

test("a search finds matches, goes to the next, wraps around, and goes back", () => {
  type("plum");
  expect([tally(), current()]).toEqual(["1 of 3", 0]);
  press();
  expect([tally(), current()]).toEqual(["2 of 3", 1]);
  press();
  expect(one.querySelectorAll("mark")).toHaveLength(0);
  expect([tally(), other.querySelector(".current").textContent]).toEqual(["3 of 3", "plum"]);
  press();
  expect(tally()).toBe("1 of 3");
  press({ shiftKey: true });
  expect(tally()).toBe("3 of 3");
});

test("a search without matches says so, and removes the marks", () => {
  type("plum");
  type("plums");
  expect([tally(), document.querySelectorAll("mark").length]).toEqual(["nothing found", 0]);
});

test("a single letter starts no search", () => {
  type("p");
  expect(tally()).toBe("");
});

test("when the page is drawn again, the search is at the same match", () => {
  type("plum");
  press();
  document.body.replaceChildren(searchBox("Search"), one, other);
  findAgain("plum");
  expect([input().value, tally()]).toEqual(["plum", "2 of 3"]);
});
