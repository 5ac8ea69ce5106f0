// The page's data: `parts` holds each part of its requests and answers once, `lists` lists of their indexes, `texts` each
// long text once.

/** @type {Page.Common} */
export const DATA = JSON.parse(document.getElementById("data")?.textContent ?? "{}");
