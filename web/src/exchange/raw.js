// The HTTP request and response: addresses, headers, bodies, and a command that sends the request again.

import { DATA } from "../page/data.js";
import { h } from "../page/dom.js";
import { table } from "../page/figures.js";
import { copyButton, fold, putText } from "../page/fold.js";
import { section } from "../page/frame.js";
import { expand } from "../page/lists.js";
import { curl, indentJson } from "./curl.js";

/**
 * @param {Data.Raw} raw
 * @param {string} prefix
 */
export function rawSection(raw, prefix) {
  return section(
    `${prefix}raw`,
    "Raw",
    "Request and response as sent",
    rawFolds(raw, prefix),
    h(
      "p",
      { class: "note" },
      "Secrets were removed when the trace was recorded; the command takes keys from the environment.",
    ),
  );
}

/**
 * @param {Data.Raw} raw
 * @param {string} prefix
 */
export function rawFolds({ request, response }, prefix) {
  return [
    h(
      "p",
      { class: "actions" },
      copyButton("Copy as curl", () => curl(request, bodyOf(request))),
      copyButton("Copy the request’s JSON", () => bodyOf(request)),
      response && copyButton("Copy the response’s JSON", () => bodyOf(response)),
    ),
    message("Request", `${request.method} ${request.url}`, request, `${prefix}request`),
    response && message("Response", `Status ${response.status}`, response, `${prefix}response`),
  ];
}

/**
 * @param {string} name
 * @param {string} line
 * @param {Data.RawRequest | Data.RawResponse} held
 * @param {string} id
 */
function message(name, line, held, id) {
  return fold({
    id,
    tone: "raw",
    summary: [h("span", { class: "kind" }, name), h("span", { class: "preview" }, line), h("span")],
    fill: (inside) => {
      const body = h("div", { class: "text code" });
      putText(body, indentJson(bodyOf(held)));
      inside.append(
        table(
          [
            { title: "Header", cell: ([header]) => header },
            { title: "Value", cell: ([, value]) => value },
          ],
          Object.entries(held.headers),
        ),
        body,
      );
    },
  });
}

/**
 * A body from its pieces: a string is as it is, a number is a long text, [a number] a list of whole values.
 *
 * @param {Data.RawRequest | Data.RawResponse} held
 */
function bodyOf(held) {
  return join(held.body);
}

/**
 * @param {Data.Piece[]} pieces
 * @returns {string}
 */
function join(pieces) {
  return pieces
    .map((piece) => {
      if (typeof piece === "string") return piece;
      if (typeof piece === "number") return JSON.stringify(DATA.texts[piece]);
      return expand(DATA.itemLists, piece[0])
        .map((item) => join(DATA.items[item]))
        .join(",");
    })
    .join("");
}
