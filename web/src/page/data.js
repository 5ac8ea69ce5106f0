// What the page was given, as JSON: `parts` holds each part of its requests and answers once, `lists` lists of their places,
// `texts` each long text once.

/** @type {Page.Common} */
export const DATA = JSON.parse(document.getElementById("data")?.textContent ?? "{}");
