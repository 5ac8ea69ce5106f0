// Where one request's tokens go: its three sections, a map of all its parts, and the tables of `analyze -v`.

import { chart, tooltip } from "../page/charts.js";
import { h } from "../page/dom.js";
import { bar, figure, table } from "../page/figures.js";
import { SHOW, pluralize, valueAt } from "../page/format.js";
import { goTo, section } from "../page/frame.js";
import { KINDS, partsOf } from "../page/parts.js";
import { textColour } from "../page/scales.js";
import { plain, preview } from "../page/text.js";

const SECTIONS = { system: "System prompt", tools: "Tool definitions", messages: "Messages" };

/**
 * @param {Data.TraceExchange} exchange
 * @param {string} prefix
 */
export function tokensSection(exchange, prefix) {
  const { report } = exchange;
  return section(
    `${prefix}tokens`,
    "Tokens",
    "Where the input tokens go",
    sharesBar(report),
    tokenMap(exchange, prefix),
    h(
      "div",
      { class: "columns" },
      h("div", {}, toolsTable(report)),
      h("div", {}, systemTable(report), messagesTable(report)),
    ),
    h("p", { class: "note" }, countNote(report)),
  );
}

/** @param {Data.TraceReport} report */
function sharesBar(report) {
  const { unknown } = report.tokens;
  const strip = h("div", { class: "strip", "aria-hidden": "true" });
  const legend = h("ul", { class: "legend" });
  for (const [name, title] of Object.entries(SECTIONS)) {
    const piece = h("i", { class: name });
    piece.style.flexGrow = String(unknown.length ? 0 : valueAt(report, `tokens.${name}`));
    strip.append(piece);
    legend.append(
      h(
        "li",
        {},
        h("i", { class: name }),
        h("span", {}, title),
        figure(report, `tokens.${name}`, "tokens"),
        h("small", {}, figure(report, `tokens.percent.${name}`, "percent")),
      ),
    );
  }
  return h("div", { class: "shares" }, strip, legend);
}

/** @param {Data.TraceReport} report */
function countNote(report) {
  const { counter, estimate, reported, difference, unknown, recorded } = report.tokens;
  const counts = `Counted by ${counter}${estimate ? ", an estimate" : ""}.`;
  if (unknown.length) {
    const server = reported ? ` The server reported ${SHOW.tokens(reported.total)} in all.` : "";
    const missing = `Not in this record, or not all of it: ${unknown.join(", ")}. Shares are unknown.`;
    return `${counts} ${missing} ${SHOW.tokens(recorded)} tokens are in it.${server}`;
  }
  if (!reported || difference === null) return `${counts} The server reported no input tokens.`;
  const sign = difference > 0 ? "+" : "";
  return (
    `${counts} The server reported ${SHOW.tokens(reported.total)}: counted minus reported is ${sign}${SHOW.tokens(difference)} ` +
    `(${sign}${((100 * difference) / reported.total).toFixed(1)}%), because of the chat template and another tokenizer.`
  );
}

/**
 * A tile for each part of one request; a click leads to it in the conversation.
 *
 * @param {Data.TraceExchange} exchange
 * @param {string} prefix
 */
function tokenMap(exchange, prefix) {
  const parts = partsOf(exchange.parts);
  return (
    parts.some((part) => part.tokens) &&
    partsMap({
      title: "Every part of the request",
      about: `Each tile is one part of the request, as large as its tokens.${exchange.raw ? " Click one to read it." : ""}`,
      parts: () => parts,
      go: (place) => {
        if (exchange.raw) goTo(`${prefix}${place + 1}`);
      },
    })
  );
}

/**
 * A tile for each of the parts that `parts()` gives, as large as its tokens; a click goes to it by its place in them.
 *
 * @param {{ title: string, about: string, parts: () => Data.Part[], go: (place: number) => void }} given
 */
export function partsMap({ title, about, parts, go }) {
  return chart({
    title,
    about,
    height: 420,
    onclick: ({ data }) => {
      if (data.place !== undefined) go(data.place);
    },
    option: (look) => {
      const total = parts().reduce((sum, part) => sum + (part.tokens ?? 0), 0);
      return {
        tooltip: tooltip(look, ({ data, value }) => [
          data.name,
          `${SHOW.tokens(value)} tokens, ${((100 * value) / total).toFixed(1)}%`,
        ]),
        series: [
          {
            type: "treemap",
            left: 0,
            right: 0,
            top: 0,
            bottom: 0,
            roam: false,
            nodeClick: false,
            breadcrumb: { show: false },
            itemStyle: { borderColor: look.paper, borderWidth: 1, gapWidth: 1 },
            label: {
              fontSize: 12,
              overflow: "truncate",
              lineHeight: 15,
              formatter: (/** @type {any} */ { data, value }) => `${data.name}\n${SHOW.tokens(value)}`,
            },
            levels: [
              { itemStyle: { gapWidth: 4, borderWidth: 0 } },
              {
                itemStyle: { gapWidth: 1, borderWidth: 0, borderColor: look.paper },
                upperLabel: {
                  show: true,
                  height: 24,
                  color: look.soft,
                  fontSize: 12,
                  formatter: (/** @type {any} */ { data, value }) => `${data.name}  ${SHOW.tokens(value)}`,
                },
              },
              { itemStyle: { gapWidth: 1 } },
            ],
            data: groupBySection(parts(), total, look),
          },
        ],
      };
    },
  });
}

/**
 * @param {Data.Part[]} parts
 * @param {number} total
 * @param {Page.Look} look
 */
function groupBySection(parts, total, look) {
  const tile = (/** @type {Data.Part} */ part, /** @type {number} */ place) => {
    const kind = KINDS[part.kind] ?? KINDS.other;
    const colour = look.colour(part.server ? "mcp" : kind.colour);
    const number = part.kind === "system" ? ` ${part.index + 1}` : "";
    return {
      name: plain(
        part.kind === "tool" ? (part.name ?? "?") : `${kind.name}${number}${part.name ? ` ${part.name}` : ""}`,
      ),
      value: part.tokens ?? 0,
      place,
      itemStyle: { color: colour },
      label: { color: textColour(colour), show: (part.tokens ?? 0) > 0.012 * total * Math.max(1, 1000 / look.width) },
    };
  };
  const leaves = parts.map((part, place) => ({ part, tile: tile(part, place) })).filter(({ tile }) => tile.value > 0);
  return Object.entries(SECTIONS)
    .map(([name, title]) => {
      const own = leaves.filter(({ part }) => (part.kind === "tool" ? "tools" : part.section) === name);
      const servers = Map.groupBy(
        own.filter(({ part }) => part.server),
        ({ part }) => part.server,
      );
      /** @type {object[]} */
      const children = own.filter(({ part }) => !part.server).map(({ tile }) => tile);
      for (const [server, tools] of servers)
        children.push({
          name: plain(`MCP ${server}`),
          children: tools.map(({ tile }) => tile),
          itemStyle: { color: look.colour("mcp") },
        });
      return { name: title, children, itemStyle: { color: look.paper, borderColor: look.paper } };
    })
    .filter((group) => group.children.length);
}

/** @param {Data.TraceReport} report */
function toolsTable(report) {
  if (!report.tools.length) return null;
  const most = Math.max(...report.tools.map((tool) => tool.tokens));
  const order = report.tools.map((tool, place) => ({ ...tool, place })).sort((one, other) => other.tokens - one.tokens);
  return [
    h("h3", {}, pluralize(order.filter((tool) => !tool.group || tool.group !== tool.name).length, "tool")),
    table(
      [
        { title: "Tool", cell: (tool) => [tool.name, tool.server && h("small", {}, ` ${tool.server}`)] },
        { title: "", cell: (tool) => bar(tool.tokens / most, tool.server ? "mcp" : "tools") },
        { title: "Tokens", number: true, cell: (tool) => figure(report, `tools.${tool.place}.tokens`, "tokens") },
        { title: "Share", number: true, cell: (tool) => figure(report, `tools.${tool.place}.percent`, "percent") },
      ],
      order,
    ),
  ];
}

/** @param {Data.TraceReport} report */
function systemTable(report) {
  if (!report.system.length) return null;
  const most = Math.max(...report.system.map((block) => block.tokens));
  return [
    h("h3", {}, pluralize(report.system.length, "system block")),
    table(
      [
        {
          title: "Block",
          cell: (block) => [
            String(block.number),
            h("small", { class: "start" }, ` ${preview(block.start).slice(0, 60)}`),
          ],
        },
        { title: "", cell: (block) => bar(block.tokens / most, "system") },
        {
          title: "Tokens",
          number: true,
          cell: (block) => figure(report, `system.${report.system.indexOf(block)}.tokens`, "tokens"),
        },
        {
          title: "Share",
          number: true,
          cell: (block) => figure(report, `system.${report.system.indexOf(block)}.percent`, "percent"),
        },
      ],
      report.system,
    ),
  ];
}

/** @param {Data.TraceReport} report */
function messagesTable(report) {
  if (!report.messages.length) return null;
  const most = Math.max(...report.messages.map((row) => row.tokens));
  return [
    h("h3", {}, "Messages by kind"),
    table(
      [
        {
          title: "Kind",
          cell: (row) => [(KINDS[row.kind] ?? KINDS.other).name, row.name && h("small", {}, ` ${row.name}`)],
        },
        { title: "", cell: (row) => bar(row.tokens / most, (KINDS[row.kind] ?? KINDS.other).colour) },
        { title: "Parts", number: true, cell: (row) => SHOW.count(row.parts) },
        {
          title: "Tokens",
          number: true,
          cell: (row) => figure(report, `messages.${report.messages.indexOf(row)}.tokens`, "tokens"),
        },
        {
          title: "Share",
          number: true,
          cell: (row) => figure(report, `messages.${report.messages.indexOf(row)}.percent`, "percent"),
        },
      ],
      report.messages,
    ),
  ];
}
