import { expect, test } from "vitest";
import { curl, indentJson } from "../src/exchange/curl.js";

const request = (headers, more = {}) => ({
  method: "POST",
  url: "http://127.0.0.1:1234/v1/messages",
  headers,
  ...more,
});

test("a request becomes a command, its body as standard input", () => {
  expect(curl(request({ "content-type": "application/json" }), '{"a":1}')).toBe(
    [
      "curl --no-buffer --globoff -X 'POST' --url 'http://127.0.0.1:1234/v1/messages' \\",
      "  -H 'content-type: application/json' \\",
      "  --data-binary @- <<'BODY'",
      '{"a":1}',
      "BODY",
      "",
    ].join("\n"),
  );
});

test.each([
  [{ "x-api-key": "[redacted]" }, '-H "x-api-key: $ANTHROPIC_API_KEY"'],
  [{ Authorization: "Bearer [redacted]" }, '-H "Authorization: Bearer $ANTHROPIC_AUTH_TOKEN"'],
  [{ "x-it": "it's" }, "-H 'x-it: it'\\''s'"],
  [{ "x-odd": "a\u202eb\n" }, "-H 'x-odd: ab'"],
])("header %j", (headers, word) => expect(curl(request(headers), "")).toContain(word));

test.each([{ cookie: "[redacted]" }, { host: "elsewhere" }, { "@/etc/passwd": "x" }, { "content-length": "5" }])(
  "header %j is left out",
  (headers) => expect(curl(request(headers), "")).not.toContain("-H"),
);

test("hidden characters in a body are escaped", () => {
  expect(curl(request({}), '"\u202e\u007f é"')).toContain('"\\u202e\\u007f é"');
});

test("a body that isn't JSON stays as it is", () => {
  expect(indentJson('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(indentJson("no JSON")).toBe("no JSON");
});
