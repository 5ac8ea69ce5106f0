// Live pages: the server says when the data changed, and the page is drawn again. Choices and open folds stay, and nothing
// moves while the reader searches or has selected text.

import { DATA } from "./data.js";
import { drawAgain } from "./frame.js";

export function live() {
  const root = document.documentElement;
  /** @type {EventSource | null} */
  let source = null;
  let waiting = false;
  const busy = () => {
    const active = document.activeElement;
    return (
      (active instanceof HTMLInputElement && active.type === "search" && active.value !== "") ||
      String(getSelection()) !== ""
    );
  };
  const refresh = async () => {
    waiting = Boolean(busy());
    if (waiting) return;
    const answer = await fetch("data").catch(() => null);
    if (!answer?.ok) return;
    Object.assign(DATA, await answer.json());
    drawAgain();
  };
  const listen = () => {
    source?.close();
    source = null;
    if (document.hidden) return; // a browser keeps six connections to a server, and each tab that listens holds one
    source = new EventSource("changes");
    source.onopen = () => (root.dataset.live = "on");
    source.onerror = () => (root.dataset.live = "gone");
    source.onmessage = ({ data }) => {
      if (data !== DATA.stamp) refresh();
    };
  };
  listen();
  addEventListener("visibilitychange", listen);
  addEventListener("pagehide", () => source?.close());
  for (const done of ["focusout", "selectionchange"])
    document.addEventListener(done, () => waiting && setTimeout(refresh));
}
