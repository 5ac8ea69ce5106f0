// Builds what pages are made of: a bundle for each page and one for the charts, with the licences of the packages in them.
// With --check nothing is written: it fails if the committed files differ from what these sources give.

import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { build } from "esbuild";

const HERE = import.meta.dirname;
const SRC = join(HERE, "src");
const STATIC = join(HERE, "..", "ui", "page", "static");

const COMMON = {
  absWorkingDir: HERE,
  bundle: true,
  write: false,
  metafile: true,
  format: "iife",
  charset: "utf8",
  target: "es2022",
  legalComments: "none", // whole licences are put above each bundle
};

/** Replaces ECharts in the bundles of pages by the compressed library in the page. */
const fromPage = {
  name: "from-page",
  setup({ onResolve }) {
    onResolve({ filter: /\/echarts\.js$/ }, () => ({ path: join(SRC, "page", "library.js") }));
  },
};

const PAGES = ["trace", "session", "list", "comparison", "diff", "exam", "load"];
const LICENCE = /^(copyrightnotice|licen[cs]e|licen[cs]es\/.*|notice)[^/]*$/i;

const COPIED = ["page.css", "page.html"];

/** The built files by their names. A bundle begins with the licences of what it contains, since pages are passed on. */
async function buildAll() {
  const results = [
    ...PAGES.map((name) => ({ ...COMMON, entryPoints: [join(SRC, `${name}.js`)], plugins: [fromPage] })),
    { ...COMMON, entryPoints: [join(SRC, "echarts.js")], globalName: "echarts", minify: true },
  ].map(async (options) => {
    const { metafile, outputFiles } = await build({ ...options, outdir: STATIC });
    const packages = packagesOf(Object.keys(metafile.inputs));
    const words = (await Promise.all(packages.map(licence))).join("\n").replaceAll("*/", "* /");
    return {
      packages,
      name: basename(outputFiles[0].path),
      text: `${words && `/*\n${words}*/\n`}${outputFiles[0].text}`,
    };
  });
  const bundles = await Promise.all(results);
  const files = new Map(bundles.map(({ name, text }) => [name, text]));
  for (const name of COPIED) files.set(name, await readFile(join(SRC, name), "utf8"));
  const packages = [...new Set(bundles.flatMap((bundle) => bundle.packages))].sort();
  files.set("LICENSES.txt", (await Promise.all(packages.map(licence))).join("\n"));
  return files;
}

/** The npm packages that the files belong to. */
function packagesOf(paths) {
  const names = paths.map((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]);
  return [...new Set(names.filter(Boolean))].sort();
}

/** The texts of a package's licence and notice. */
async function licence(name) {
  const folder = join(HERE, "node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = all
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => LICENCE.test(relative(folder, file)))
    .sort();
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const title = `${name} ${version} (${license})`;
  return `${title}\n${"=".repeat(title.length)}\n\n${texts.map((text) => `${text.replaceAll("\r", "").trim()}\n`).join("\n")}`;
}

/** A message for each difference between the built files and the committed ones. */
async function differences(files) {
  const there = await readdir(STATIC).catch(() => []);
  const surplus = there.filter((name) => !files.has(name)).map((name) => `${name} has no source`);
  const other = await Promise.all(
    [...files].map(
      async ([name, text]) =>
        (await readFile(join(STATIC, name), "utf8").catch(() => "")) !== text && `${name} differs from its sources`,
    ),
  );
  return [...surplus, ...other.filter(Boolean)];
}

const files = await buildAll();
const found = await differences(files);
if (process.argv.includes("--check")) {
  for (const line of found) console.error(`ui/page/static: ${line}. Run make web.`);
  process.exitCode = found.length ? 1 : 0;
} else if (found.length) {
  await rm(STATIC, { recursive: true, force: true });
  await mkdir(STATIC, { recursive: true });
  for (const [name, text] of files) await writeFile(join(STATIC, name), text);
}
