// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from "vitest";
import { historySearch } from "../src/page/history.js";

const HIT = {
  timestamp: "2026-11-20T09:00:10.000Z",
  name: "5e551011",
  turn: 2,
  title: "What is ripe?",
  role: "tool",
  tool: "Read",
  session: "5e551011-0000",
  address: "session/5e551011-0000/#turn-2",
  sessions: 3,
  snippet: "The \x02plum\x03 is <b>ripe</b>",
};

/** Types words into a new box, and returns the section when the server has answered. */
async function search(/** @type {string} */ words, /** @type {object | null} */ answer) {
  vi.useFakeTimers();
  const fetched = vi.fn(async () => ({ ok: answer !== null, json: async () => answer }));
  vi.stubGlobal("fetch", fetched);
  const section = historySearch();
  const input = /** @type {HTMLInputElement} */ (section.querySelector("input"));
  input.value = words;
  input.dispatchEvent(new Event("input"));
  await vi.runAllTimersAsync();
  return { section, fetched };
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a hit leads to its turn, and what was found is marked", async () => {
  const { section, fetched } = await search("plum & co", { hits: [HIT], problem: null });
  expect(fetched).toHaveBeenCalledWith("search?q=plum%20%26%20co");
  const link = /** @type {HTMLAnchorElement} */ (section.querySelector("article a"));
  expect(link.getAttribute("href")).toBe(HIT.address);
  expect(link.textContent).toBe("turn 2 of 5e551011");
  expect(section.querySelector("mark")?.textContent).toBe("plum");
  expect(section.querySelector("article")?.textContent).toContain("The plum is <b>ripe</b>");
  expect(section.querySelector("article")?.textContent).toContain("tool, Read, in 3 sessions");
});

test("a page that is drawn again keeps the words and the hits", async () => {
  await search("plum", { hits: [HIT], problem: null });
  const again = historySearch();
  expect(/** @type {HTMLInputElement} */ (again.querySelector("input")).value).toBe("plum");
  expect(again.querySelectorAll("article")).toHaveLength(1);
});

test("without an id there is a name and no link", async () => {
  const { section } = await search("plum", {
    hits: [{ ...HIT, session: null, address: null, name: "x" }],
    problem: null,
  });
  expect(section.querySelector("article a")).toBeNull();
  expect(section.querySelector("article")?.textContent).toContain("x");
});

test.each([
  ["nothing was found", { hits: [], problem: null }, "Nothing was found."],
  ["the words make no sense", { hits: [], problem: "?: no word" }, "?: no word"],
  ["there is no answer", null, "The server doesn't answer."],
])("where %s, it says so", async (_, answer, words) => {
  const { section } = await search("plum", answer);
  expect(section.querySelector(".hits")?.textContent).toBe(words);
});

test("without words the server isn't asked", async () => {
  const { section, fetched } = await search("  ", { hits: [HIT], problem: null });
  expect(fetched).not.toHaveBeenCalled();
  expect(section.querySelector(".hits")?.textContent).toBe("");
});
