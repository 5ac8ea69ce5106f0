// The frame around every page: the bar at the top, its search and its colours, sections with links to them, and paper.

const THEMES = ["auto", "light", "dark"];

/** `sections` may hold nulls, for what there is nothing to say of, and lists of sections. */
function frame({ kind, title, lead, facts }, ...given) {
  const sections = given.flat().filter(Boolean);
  document.body.append(
    h("header", { class: "top" },
      h("a", { class: "home", href: "#top" }, kind),
      h("nav", {}, sections.map((section) => h("a", { href: `#${section.id}` }, section.dataset.name))),
      places.length > 0 && searchBox(), themeButton()),
    h("main", { id: "top" },
      h("div", { class: "head" }, h("h1", {}, title), lead && h("p", { class: "lead" }, lead), facts && h("p", { class: "facts" }, facts)),
      sections),
    h("footer", {}, h("p", {}, `Made by anyclaude-toolkit ${DATA.version}. This file holds everything it shows, and asks nothing of any network.`),
      DATA.shared && h("p", {}, SHARED[DATA.shared])));
  follow();
  addEventListener("hashchange", follow);
}

const SHARED = {
  names: "Home paths, user names, host names, e-mail addresses and ids have been replaced.",
  numbers: "All texts have been left out: only numbers, kinds and the names of well-known tools and of models remain.",
};

function section(id, name, heading, ...children) {
  return h("section", { id, "data-name": name }, h("h2", {}, heading), children);
}

function badge(text, tone) {
  return h("span", { class: `badge ${tone ?? ""}` }, text);
}

/** Goes to what the address names, and unfolds it. */
function follow() {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (!target) return;
  reveal(target);
  target.scrollIntoView();
}

function themeButton() {
  const button = h("button", { class: "theme", type: "button", title: "Colours: automatic, light or dark" });
  const show = () => {
    const theme = document.documentElement.dataset.theme ?? "auto";
    button.textContent = { auto: "◐", light: "○", dark: "●" }[theme];
    button.setAttribute("aria-label", `Colours: ${theme}`);
  };
  button.addEventListener("click", () => {
    const theme = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % THEMES.length];
    document.documentElement.dataset.theme = theme;
    show();
    redraw();
  });
  show();
  return button;
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw());

/** Paper is light, and has all charts, seen or not. */
addEventListener("beforeprint", () => {
  document.documentElement.classList.add("paper");
  redraw(true);
});
addEventListener("afterprint", () => {
  document.documentElement.classList.remove("paper");
  redraw();
});
