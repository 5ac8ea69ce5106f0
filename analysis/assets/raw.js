// What really went over the wire: addresses, headers, bodies, and a command that sends the request again.

const KEYS = { "x-api-key": "$ANTHROPIC_API_KEY", authorization: "Bearer $ANTHROPIC_AUTH_TOKEN" };
const HEADER = /^[\w!#$%&'*+.^`|~-]+$/; // HTTP's own rule for a name; curl would read a file for one that begins with @
const CURL_SETS = ["host", "connection", "content-length", "accept-encoding", "transfer-encoding"];

function rawSection(exchange, prefix) {
  return section(`${prefix}raw`, "Raw", "Request and response as they were", rawFolds(exchange, prefix),
    h("p", { class: "note" }, "Secrets were removed when the trace was recorded; the command takes keys from the environment."));
}

function rawFolds(exchange, prefix) {
  const { request, response } = exchange.raw;
  return [
    h("p", { class: "actions" }, copyButton("Copy as curl", () => curl(request)), copyButton("Copy the request’s JSON", () => bodyOf(request)),
      response && copyButton("Copy the response’s JSON", () => bodyOf(response))),
    message("Request", `${request.method} ${request.url}`, request, `${prefix}request`),
    response && message("Response", `Status ${response.status}`, response, `${prefix}response`),
  ];
}

function message(name, line, held, id) {
  return fold({
    id, tone: "raw", summary: [h("span", { class: "kind" }, name), h("span", { class: "preview" }, line), h("span")],
    fill: (inside) => {
      const body = h("div", { class: "text code" });
      putText(body, indented(bodyOf(held)));
      inside.append(table([{ title: "Header", cell: ([header]) => header }, { title: "Value", cell: ([, value]) => value }], Object.entries(held.headers)), body);
    },
  });
}

/** A body from its pieces: a string stands for itself, a number for a long text, [a number] for a list of whole values. */
function bodyOf(held) {
  return join(held.body);
}

function join(pieces) {
  return pieces.map((piece) => {
    if (typeof piece === "string") return piece;
    if (typeof piece === "number") return JSON.stringify(DATA.texts[piece]);
    return expanded(DATA.itemLists, piece[0]).map((item) => join(DATA.items[item])).join(",");
  }).join("");
}

function indented(json) {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

/** For a shell: bodies go through standard input, since they are longer than an argument may be. */
function curl(request) {
  const headers = Object.entries(request.headers).filter(([name]) => HEADER.test(name) && !CURL_SETS.includes(name.toLowerCase()));
  const words = headers.flatMap(([name, value]) => {
    const key = KEYS[name.toLowerCase()];
    if (value.includes("[redacted]")) return key ? [`-H "${name}: ${key}"`] : [];
    return [`-H ${quoted(`${name}: ${value}`)}`];
  });
  const body = bodyOf(request).replace(/[\u007f-\uffff]/g, escaped);
  return [`curl --no-buffer --globoff -X ${quoted(request.method)} --url ${quoted(request.url)}`, ...words, "--data-binary @- <<'BODY'"].join(" \\\n  ") + `\n${body}\nBODY\n`;
}

/** What can't be seen has no place in an address or a header, and a terminal that it is pasted into may obey it. Halves
 * of surrogate pairs can't be written at all. */
function quoted(text) {
  const seen = text.split(EACH_HIDDEN).filter((_, place) => place % 2 === 0).join("");
  return `'${seen.replace(/[\t\n]|\p{Surrogate}/gu, "").replaceAll("'", "'\\''")}'`;
}

function escaped(character) {
  return HIDDEN.test(character) ? "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0") : character;
}
