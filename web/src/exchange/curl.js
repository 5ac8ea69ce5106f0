// A request as a shell command.

import { EACH_HIDDEN, HIDDEN } from "../page/text.js";

/** @type {Record<string, string>} */
const KEYS = { "x-api-key": "$ANTHROPIC_API_KEY", authorization: "Bearer $ANTHROPIC_AUTH_TOKEN" };

const HEADER = /^[\w!#$%&'*+.^`|~-]+$/; // HTTP's own rule for a name; curl would read a file for one that begins with @

const CURL_SETS = ["host", "connection", "content-length", "accept-encoding", "transfer-encoding"];

/**
 * The command; a body goes through standard input, since it can be longer than an argument may be.
 *
 * @param {Data.RawRequest} request
 * @param {string} text
 */
export function curl(request, text) {
  const headers = Object.entries(request.headers).filter(
    ([name]) => HEADER.test(name) && !CURL_SETS.includes(name.toLowerCase()),
  );
  const words = headers.flatMap(([name, value]) => {
    const key = KEYS[name.toLowerCase()];
    if (value.includes("[redacted]")) return key ? [`-H "${name}: ${key}"`] : [];
    return [`-H ${quote(`${name}: ${value}`)}`];
  });
  const body = text.replace(/[\u007f-\uffff]/g, escapeHidden);
  return (
    [
      `curl --no-buffer --globoff -X ${quote(request.method)} --url ${quote(request.url)}`,
      ...words,
      "--data-binary @- <<'BODY'",
    ].join(" \\\n  ") + `\n${body}\nBODY\n`
  );
}

/**
 * An argument in quotes, without hidden characters: they have no place in an address or a header, and a terminal that the
 * command is pasted into may obey them. Halves of surrogate pairs can't be written at all.
 *
 * @param {string} text
 */
function quote(text) {
  const seen = text
    .split(EACH_HIDDEN)
    .filter((_, place) => place % 2 === 0)
    .join("");
  return `'${seen.replace(/[\t\n]|\p{Surrogate}/gu, "").replaceAll("'", "'\\''")}'`;
}

/** @param {string} character */
function escapeHidden(character) {
  return HIDDEN.test(character) ? "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0") : character;
}

/** @param {string} json */
export function indentJson(json) {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
