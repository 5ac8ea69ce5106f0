// A page that goes on: the server tells when there is something else to show, and it is drawn anew. What was chosen and
// unfolded stays, and nothing moves while somebody types.

function live(draw) {
  const source = new EventSource("changes");
  const root = document.documentElement;
  let waiting = false;
  const typing = () => document.activeElement?.localName === "input" && document.activeElement.value !== "";
  const refresh = async () => {
    waiting = typing();
    if (waiting) return;
    const answer = await fetch("data");
    if (!answer.ok) return;
    Object.assign(DATA, await answer.json());
    again(draw);
  };
  source.onopen = () => (root.dataset.live = "on");
  source.onerror = () => (root.dataset.live = "gone");
  source.onmessage = ({ data }) => { if (data !== DATA.stamp) refresh(); };
  addEventListener("focusout", () => waiting && setTimeout(refresh));
}
