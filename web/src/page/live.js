// A page that goes on: the server tells when there is something else to show, and it is drawn anew. What was chosen and
// unfolded stays, and nothing moves while somebody searches, or has marked some text.

import { DATA } from "./data.js";
import { again } from "./frame.js";
import { searchInput } from "./search.js";

export function live() {
  const root = document.documentElement;
  /** @type {EventSource | null} */
  let source = null;
  let waiting = false;
  const busy = () =>
    (document.activeElement === searchInput() && searchInput()?.value) || String(getSelection()) !== "";
  const refresh = async () => {
    waiting = Boolean(busy());
    if (waiting) return;
    const answer = await fetch("data").catch(() => null);
    if (!answer?.ok) return;
    Object.assign(DATA, await answer.json());
    again();
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
