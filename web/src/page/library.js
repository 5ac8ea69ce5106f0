// The exports of `echarts.js`, from the compressed library in the page: the bundle that `build.js` makes of that file. It
// is unpack when the first chart is drawn. The page's policy allows it by its hash, as every script.

import { unzlibSync } from "fflate";

/** @type {typeof import("../echarts.js") | null} */
let library = null;

/** Runs the page's library, which calls itself `echarts`. */
function unpack() {
  const packed = /** @type {HTMLElement} */ (document.getElementById("library"));
  const bytes = Uint8Array.from(atob(packed.textContent ?? ""), (character) => character.charCodeAt(0));
  const script = document.createElement("script");
  script.textContent = new TextDecoder().decode(unzlibSync(bytes));
  packed.replaceWith(script);
  return /** @type {any} */ (globalThis).echarts;
}

/** @param {Parameters<typeof import("../echarts.js").init>} given */
export function init(...given) {
  return (library ??= unpack()).init(...given);
}

/** @param {Parameters<typeof import("../echarts.js").clipRectByRect>} given */
export function clipRectByRect(...given) {
  return (library ??= unpack()).clipRectByRect(...given);
}
