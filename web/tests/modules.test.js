import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const SRC = join(import.meta.dirname, "..", "src");
const files = readdirSync(SRC, { recursive: true }).filter((name) => name.endsWith(".js"));

/** The modules that a module imports, of ours. */
function imports(file) {
  const text = readFileSync(join(SRC, file), "utf8");
  return [...text.matchAll(/^import .*? from "(\..*?)";|^\} from "(\..*?)";/gms)].map(([, one, other]) =>
    relative(SRC, join(SRC, dirname(file), one ?? other)),
  );
}

test("no module imports itself through others", () => {
  const left = new Map(files.map((file) => [file, imports(file)]));
  for (let before = -1; before !== left.size;) {
    before = left.size;
    for (const [file, needed] of left) if (!needed.some((each) => left.has(each))) left.delete(file);
  }
  expect([...left.keys()]).toEqual([]);
});

test.each([
  ["page", ["page"]],
  ["exchange", ["page", "exchange"]],
  ["session", ["page", "exchange", "session"]],
  ["comparison", ["page", "comparison"]],
])("modules in %s import only from %j", (folder, allowed) => {
  const own = files.filter((file) => dirname(file) === folder);
  const rooms = own.flatMap(imports).filter((file) => file !== "echarts.js");
  expect(own).not.toHaveLength(0);
  expect(rooms.map(dirname).filter((room) => !allowed.includes(room))).toEqual([]);
});
