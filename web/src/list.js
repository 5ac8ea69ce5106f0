// The list of all sessions, the first page of `view`.

import { DATA } from "./page/data.js";
import { h } from "./page/dom.js";
import { figure, table } from "./page/figures.js";
import { UNKNOWN, SHOW, pluralize, format } from "./page/format.js";
import { begin, frame } from "./page/frame.js";
import { historySearch } from "./page/history.js";
import { live } from "./page/live.js";

function listPage() {
  const { rows, search } = /** @type {Data.ListPage} */ (/** @type {unknown} */ (DATA));
  frame(
    {
      kind: "Sessions",
      title: rows.length ? pluralize(rows.length, "session") : "No sessions yet",
      facts: "New ones appear as they begin.",
    },
    rows.length === 0 &&
      h(
        "section",
        { id: "none", "data-name": "" },
        h("p", {}, "To make one, run Claude Code through the proxy: ", h("code", {}, "anyclaude --mode lmstudio")),
      ),
    rows.length > 0 && search && historySearch(),
    rows.length > 0 &&
      h(
        "section",
        { id: "sessions", "data-name": "Sessions" },
        table(
          [
            {
              title: "Began (UTC)",
              cell: (row) => h("a", { class: "moment", href: `session/${row.address}/` }, row.began),
            },
            { title: "Session", cell: (row) => h("small", {}, row.session.slice(0, 23)) },
            { title: "Model", cell: (row) => [row.model ?? UNKNOWN, h("small", {}, ` ${row.mode}`)] },
            { title: "Turns", number: true, cell: (row) => SHOW.count(row.turns) },
            { title: "Agents", number: true, cell: (row) => SHOW.count(row.agents) },
            { title: "Largest input", number: true, cell: (row) => format(row.largest_input, "tokens") },
            { title: "Output", number: true, cell: (row) => format(row.output_tokens, "tokens") },
            { title: "Waiting", number: true, cell: (row) => format(row.waiting, "seconds") },
            ...(rows.some((row) => row.cost)
              ? [
                  {
                    title: "Cost",
                    number: true,
                    cell: (/** @type {Data.SessionRow} */ row) => figure(row, "cost", "dollars"),
                  },
                ]
              : []),
            {
              title: "Failed",
              number: true,
              cell: (row) => (row.failed ? h("span", { class: "wrong" }, SHOW.count(row.failed)) : ""),
            },
          ],
          rows,
          { limit: 50 },
        ),
      ),
  );
}

begin(listPage);
live();
