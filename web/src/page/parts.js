// The parts of requests and answers: a page holds each once, and lists of their indexes.

import { DATA } from "./data.js";
import { expand } from "./lists.js";

/** @type {Record<string, { name: string, colour: string }>} */
export const KINDS = {
  system: { name: "System prompt", colour: "system" },
  tool: { name: "Tool", colour: "tools" },
  user: { name: "User", colour: "user" },
  reminder: { name: "System reminder", colour: "reminder" },
  claude_md: { name: "CLAUDE.md, AGENTS.md", colour: "claude-md" },
  tool_result: { name: "Tool result", colour: "tool-result" },
  assistant: { name: "Assistant", colour: "assistant" },
  thinking: { name: "Thinking", colour: "thinking" },
  tool_input: { name: "Tool call", colour: "tool-input" },
  image: { name: "Image", colour: "other" },
  document: { name: "Document", colour: "other" },
  other: { name: "Other", colour: "other" },
};

/** @param {number} list */
export function partsOf(list) {
  return placesOf(list).map((place) => DATA.parts[place]);
}

/** @param {number} list */
export function placesOf(list) {
  return expand(DATA.lists, list);
}

/** @param {{ text: number | null }} part */
export function textOf(part) {
  return part.text === null ? "" : DATA.texts[part.text];
}
