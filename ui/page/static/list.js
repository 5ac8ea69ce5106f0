/*
fflate 0.8.3 (MIT)
==================

MIT License

Copyright (c) 2026 Arjun Barrett

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
*/
"use strict";
(() => {
  // src/page/data.js
  var DATA = JSON.parse(document.getElementById("data")?.textContent ?? "{}");

  // src/page/text.js
  var HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u034f\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0]|\udb40[\udc00-\udfff]|\r(?!\n)|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
  var EACH_HIDDEN = new RegExp(`(${HIDDEN.source})`);
  function codeOf(character) {
    return "U+" + (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  }

  // src/page/dom.js
  function h(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (value === null || value === void 0 || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value === true ? "" : value);
    }
    put(element, ...children);
    return element;
  }
  function put(element, ...children) {
    for (
      const child of
      /** @type {Page.Child[]} */
      children.flat(
        /** @type {1} */
        Infinity
      )
    ) {
      if (child === null || child === void 0 || child === false || child === "") continue;
      element.append(child instanceof Node ? child : visible(String(child)));
    }
  }
  function visible(text) {
    if (!HIDDEN.test(text)) return document.createTextNode(text);
    const fragment = document.createDocumentFragment();
    text.split(EACH_HIDDEN).forEach((piece, place) => {
      if (place % 2) fragment.append(sign(piece));
      else if (piece) fragment.append(document.createTextNode(piece));
    });
    return fragment;
  }
  function sign(character) {
    const element = document.createElement("span");
    element.className = "sign";
    element.textContent = codeOf(character);
    return element;
  }
  var seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        seen.unobserve(entry.target);
        entry.target.whenSeen();
      }
    },
    { rootMargin: "600px" }
  );

  // src/page/format.js
  var UNKNOWN = "–";
  var SHOW = {
    count: (value) => value.toLocaleString("en-US"),
    tokens: (value) => value.toLocaleString("en-US"),
    seconds: (value) => `${digits(value, value < 1 ? 3 : 2)} s`,
    milliseconds: (value) => `${(value * 1e3).toFixed(1)} ms`,
    dollars: (value) => `$${digits(value, value >= 1 || value === 0 ? 2 : 4)}`,
    speed: (value) => digits(value, 1),
    percent: (value) => `${value}%`,
    text: (value) => String(value)
  };
  function digits(value, behind) {
    return value.toLocaleString("en-US", { minimumFractionDigits: behind, maximumFractionDigits: behind });
  }
  function valueAt(document2, path) {
    return path.split(".").reduce((value, key) => value === null || value === void 0 ? void 0 : value[key], document2);
  }
  function format(value, kind) {
    return value === null || value === void 0 ? UNKNOWN : SHOW[kind](value);
  }
  function pluralize(number, thing) {
    return `${SHOW.count(number)} ${thing}${number === 1 ? "" : "s"}`;
  }

  // src/page/figures.js
  function figure(report, path, kind) {
    const value = valueAt(report, path);
    const exact = typeof value === "number" && !Number.isInteger(value) ? String(value) : null;
    return h(
      "span",
      { class: "figure", "data-figure": path, "data-kind": kind, title: exact },
      mark(report, path),
      format(value, kind)
    );
  }
  function mark(report, path) {
    if (valueAt(report, path) === null) return "";
    return valueAt(report, `${path}_unknown`) > 0 ? "≥ " : valueAt(report, `${path}_estimated`) > 0 ? "~" : "";
  }
  function table(columns, rows, { caption, limit = 12 } = {}) {
    const body = h("tbody");
    const more = (all) => rows.slice(body.childElementCount, all ? void 0 : limit).forEach(
      (row) => body.append(
        h(
          "tr",
          {},
          columns.map((column) => h("td", { class: column.number && "number" }, column.cell(row)))
        )
      )
    );
    more(rows.length <= limit + 2);
    const rest = rows.length - body.childElementCount;
    const head = h(
      "thead",
      {},
      h(
        "tr",
        {},
        columns.map((column) => h("th", { class: column.number && "number", scope: "col" }, column.title))
      )
    );
    const button = rest > 0 && h(
      "button",
      {
        class: "quiet more",
        type: "button",
        onclick: (click) => {
          more(true);
          click.target.remove();
        }
      },
      `Show ${SHOW.count(rest)} more`
    );
    return h(
      "div",
      { class: "scroll" },
      h("table", {}, caption && h("caption", {}, caption), head, body),
      button || null
    );
  }

  // node_modules/fflate/esm/browser.js
  var u8 = Uint8Array;
  var u16 = Uint16Array;
  var i32 = Int32Array;
  var fleb = new u8([
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    1,
    1,
    1,
    1,
    2,
    2,
    2,
    2,
    3,
    3,
    3,
    3,
    4,
    4,
    4,
    4,
    5,
    5,
    5,
    5,
    0,
    /* unused */
    0,
    0,
    /* impossible */
    0
  ]);
  var fdeb = new u8([
    0,
    0,
    0,
    0,
    1,
    1,
    2,
    2,
    3,
    3,
    4,
    4,
    5,
    5,
    6,
    6,
    7,
    7,
    8,
    8,
    9,
    9,
    10,
    10,
    11,
    11,
    12,
    12,
    13,
    13,
    /* unused */
    0,
    0
  ]);
  var clim = new u8([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);
  var freb = function(eb, start) {
    var b = new u16(31);
    for (var i2 = 0; i2 < 31; ++i2) {
      b[i2] = start += 1 << eb[i2 - 1];
    }
    var r = new i32(b[30]);
    for (var i2 = 1; i2 < 30; ++i2) {
      for (var j = b[i2]; j < b[i2 + 1]; ++j) {
        r[j] = j - b[i2] << 5 | i2;
      }
    }
    return { b, r };
  };
  var _a = freb(fleb, 2);
  var fl = _a.b;
  var revfl = _a.r;
  fl[28] = 258, revfl[258] = 28;
  var _b = freb(fdeb, 0);
  var fd = _b.b;
  var revfd = _b.r;
  var rev = new u16(32768);
  for (i = 0; i < 32768; ++i) {
    x = (i & 43690) >> 1 | (i & 21845) << 1;
    x = (x & 52428) >> 2 | (x & 13107) << 2;
    x = (x & 61680) >> 4 | (x & 3855) << 4;
    rev[i] = ((x & 65280) >> 8 | (x & 255) << 8) >> 1;
  }
  var x;
  var i;
  var hMap = (function(cd, mb, r) {
    var s = cd.length;
    var i2 = 0;
    var l = new u16(mb);
    for (; i2 < s; ++i2) {
      if (cd[i2])
        ++l[cd[i2] - 1];
    }
    var le = new u16(mb);
    for (i2 = 1; i2 < mb; ++i2) {
      le[i2] = le[i2 - 1] + l[i2 - 1] << 1;
    }
    var co;
    if (r) {
      co = new u16(1 << mb);
      var rvb = 15 - mb;
      for (i2 = 0; i2 < s; ++i2) {
        if (cd[i2]) {
          var sv = i2 << 4 | cd[i2];
          var r_1 = mb - cd[i2];
          var v = le[cd[i2] - 1]++ << r_1;
          for (var m = v | (1 << r_1) - 1; v <= m; ++v) {
            co[rev[v] >> rvb] = sv;
          }
        }
      }
    } else {
      co = new u16(s);
      for (i2 = 0; i2 < s; ++i2) {
        if (cd[i2]) {
          co[i2] = rev[le[cd[i2] - 1]++] >> 15 - cd[i2];
        }
      }
    }
    return co;
  });
  var flt = new u8(288);
  for (i = 0; i < 144; ++i)
    flt[i] = 8;
  var i;
  for (i = 144; i < 256; ++i)
    flt[i] = 9;
  var i;
  for (i = 256; i < 280; ++i)
    flt[i] = 7;
  var i;
  for (i = 280; i < 288; ++i)
    flt[i] = 8;
  var i;
  var fdt = new u8(32);
  for (i = 0; i < 32; ++i)
    fdt[i] = 5;
  var i;
  var flrm = /* @__PURE__ */ hMap(flt, 9, 1);
  var fdrm = /* @__PURE__ */ hMap(fdt, 5, 1);
  var max = function(a) {
    var m = a[0];
    for (var i2 = 1; i2 < a.length; ++i2) {
      if (a[i2] > m)
        m = a[i2];
    }
    return m;
  };
  var bits = function(d, p, m) {
    var o = p / 8 | 0;
    return (d[o] | d[o + 1] << 8) >> (p & 7) & m;
  };
  var bits16 = function(d, p) {
    var o = p / 8 | 0;
    return (d[o] | d[o + 1] << 8 | d[o + 2] << 16) >> (p & 7);
  };
  var shft = function(p) {
    return (p + 7) / 8 | 0;
  };
  var slc = function(v, s, e) {
    if (s == null || s < 0)
      s = 0;
    if (e == null || e > v.length)
      e = v.length;
    return new u8(v.subarray(s, e));
  };
  var ec = [
    "unexpected EOF",
    "invalid block type",
    "invalid length/literal",
    "invalid distance",
    "stream finished",
    "no stream handler",
    ,
    // determined by compression function
    "no callback",
    "invalid UTF-8 data",
    "extra field too long",
    "date not in range 1980-2099",
    "filename too long",
    "stream finishing",
    "invalid zip data"
    // determined by unknown compression method
  ];
  var err = function(ind, msg, nt) {
    var e = new Error(msg || ec[ind]);
    e.code = ind;
    if (Error.captureStackTrace)
      Error.captureStackTrace(e, err);
    if (!nt)
      throw e;
    return e;
  };
  var inflt = function(dat, st, buf, dict) {
    var sl = dat.length, dl = dict ? dict.length : 0;
    if (!sl || st.f && !st.l)
      return buf || new u8(0);
    var noBuf = !buf;
    var resize = noBuf || st.i != 2;
    var noSt = st.i;
    if (noBuf)
      buf = new u8(sl * 3);
    var cbuf = function(l2) {
      var bl = buf.length;
      if (l2 > bl) {
        var nbuf = new u8(Math.max(bl * 2, l2));
        nbuf.set(buf);
        buf = nbuf;
      }
    };
    var final = st.f || 0, pos = st.p || 0, bt = st.b || 0, lm = st.l, dm = st.d, lbt = st.m, dbt = st.n;
    var tbts = sl * 8;
    do {
      if (!lm) {
        final = bits(dat, pos, 1);
        var type = bits(dat, pos + 1, 3);
        pos += 3;
        if (!type) {
          var s = shft(pos) + 4, l = dat[s - 4] | dat[s - 3] << 8, t = s + l;
          if (t > sl) {
            if (noSt)
              err(0);
            break;
          }
          if (resize)
            cbuf(bt + l);
          buf.set(dat.subarray(s, t), bt);
          st.b = bt += l, st.p = pos = t * 8, st.f = final;
          continue;
        } else if (type == 1)
          lm = flrm, dm = fdrm, lbt = 9, dbt = 5;
        else if (type == 2) {
          var hLit = bits(dat, pos, 31) + 257, hcLen = bits(dat, pos + 10, 15) + 4;
          var tl = hLit + bits(dat, pos + 5, 31) + 1;
          pos += 14;
          var ldt = new u8(tl);
          var clt = new u8(19);
          for (var i2 = 0; i2 < hcLen; ++i2) {
            clt[clim[i2]] = bits(dat, pos + i2 * 3, 7);
          }
          pos += hcLen * 3;
          var clb = max(clt), clbmsk = (1 << clb) - 1;
          var clm = hMap(clt, clb, 1);
          for (var i2 = 0; i2 < tl; ) {
            var r = clm[bits(dat, pos, clbmsk)];
            pos += r & 15;
            var s = r >> 4;
            if (s < 16) {
              ldt[i2++] = s;
            } else {
              var c = 0, n = 0;
              if (s == 16)
                n = 3 + bits(dat, pos, 3), pos += 2, c = ldt[i2 - 1];
              else if (s == 17)
                n = 3 + bits(dat, pos, 7), pos += 3;
              else if (s == 18)
                n = 11 + bits(dat, pos, 127), pos += 7;
              while (n--)
                ldt[i2++] = c;
            }
          }
          var lt = ldt.subarray(0, hLit), dt = ldt.subarray(hLit);
          lbt = max(lt);
          dbt = max(dt);
          lm = hMap(lt, lbt, 1);
          dm = hMap(dt, dbt, 1);
        } else
          err(1);
        if (pos > tbts) {
          if (noSt)
            err(0);
          break;
        }
      }
      if (resize)
        cbuf(bt + 131072);
      var lms = (1 << lbt) - 1, dms = (1 << dbt) - 1;
      var lpos = pos;
      for (; ; lpos = pos) {
        var c = lm[bits16(dat, pos) & lms], sym = c >> 4;
        pos += c & 15;
        if (pos > tbts) {
          if (noSt)
            err(0);
          break;
        }
        if (!c)
          err(2);
        if (sym < 256)
          buf[bt++] = sym;
        else if (sym == 256) {
          lpos = pos, lm = null;
          break;
        } else {
          var add = sym - 254;
          if (sym > 264) {
            var i2 = sym - 257, b = fleb[i2];
            add = bits(dat, pos, (1 << b) - 1) + fl[i2];
            pos += b;
          }
          var d = dm[bits16(dat, pos) & dms], dsym = d >> 4;
          if (!d)
            err(3);
          pos += d & 15;
          var dt = fd[dsym];
          if (dsym > 3) {
            var b = fdeb[dsym];
            dt += bits16(dat, pos) & (1 << b) - 1, pos += b;
          }
          if (pos > tbts) {
            if (noSt)
              err(0);
            break;
          }
          if (resize)
            cbuf(bt + 131072);
          var end = bt + add;
          if (bt < dt) {
            var shift = dl - dt, dend = Math.min(dt, end);
            if (shift + bt < 0)
              err(3);
            for (; bt < dend; ++bt)
              buf[bt] = dict[shift + bt];
          }
          for (; bt < end; ++bt)
            buf[bt] = buf[bt - dt];
        }
      }
      st.l = lm, st.p = lpos, st.b = bt, st.f = final;
      if (lm)
        final = 1, st.m = lbt, st.d = dm, st.n = dbt;
    } while (!final);
    return bt != buf.length && noBuf ? slc(buf, 0, bt) : buf.subarray(0, bt);
  };
  var et = /* @__PURE__ */ new u8(0);
  var zls = function(d, dict) {
    if ((d[0] & 15) != 8 || d[0] >> 4 > 7 || (d[0] << 8 | d[1]) % 31)
      err(6, "invalid zlib data");
    if ((d[1] >> 5 & 1) == +!dict)
      err(6, "invalid zlib data: " + (d[1] & 32 ? "need" : "unexpected") + " dictionary");
    return (d[1] >> 3 & 4) + 2;
  };
  function unzlibSync(data, opts) {
    return inflt(data.subarray(zls(data, opts && opts.dictionary), -4), { i: 2 }, opts && opts.out, opts && opts.dictionary);
  }
  var td = typeof TextDecoder != "undefined" && /* @__PURE__ */ new TextDecoder();
  var tds = 0;
  try {
    td.decode(et, { stream: true });
    tds = 1;
  } catch (e) {
  }

  // src/page/library.js
  var library = null;
  function unpack() {
    const packed = (
      /** @type {HTMLElement} */
      document.getElementById("library")
    );
    const bytes = Uint8Array.from(atob(packed.textContent ?? ""), (character) => character.charCodeAt(0));
    const script = document.createElement("script");
    script.textContent = new TextDecoder().decode(unzlibSync(bytes));
    packed.replaceWith(script);
    return (
      /** @type {any} */
      globalThis.echarts
    );
  }
  function init(...given) {
    return (library ??= unpack()).init(...given);
  }

  // src/page/charts.js
  var charts = /* @__PURE__ */ new Set();
  function draw(entry) {
    const drawn = entry.drawn ??= begin(entry);
    const look = { ...currentLook(), width: entry.place.clientWidth };
    drawn.setOption(
      { animation: false, textStyle: { fontFamily: look.font, color: look.ink }, ...entry.option(look) },
      true
    );
  }
  function begin(entry) {
    const drawn = init(entry.place, null, { renderer: entry.renderer });
    if (entry.onclick) drawn.on("click", entry.onclick);
    entry.sized = new ResizeObserver(() => drawn.resize());
    entry.sized.observe(entry.place);
    return drawn;
  }
  function redraw(all) {
    for (const entry of charts) if (entry.drawn || all) draw(entry);
  }
  function forgetCharts() {
    for (const { drawn, sized, place } of charts) {
      seen.unobserve(place);
      sized?.disconnect();
      drawn?.dispose();
    }
    charts.clear();
  }
  function currentLook() {
    const probe = h("span", { hidden: true });
    document.body.append(probe);
    const colour = (name) => {
      probe.style.color = `var(--${name})`;
      return getComputedStyle(probe).color;
    };
    const [ink, soft, line, card, paper, accent] = ["ink", "soft", "line", "card", "paper", "accent"].map(colour);
    const named = new Map(COLOURS.map((name) => [name, colour(name)]));
    const font = getComputedStyle(document.body).fontFamily;
    probe.remove();
    return { colour: (name) => named.get(name) ?? "", font, ink, soft, line, card, paper, accent };
  }
  var COLOURS = [
    "system",
    "tools",
    "mcp",
    "user",
    "reminder",
    "claude-md",
    "tool-result",
    "assistant",
    "thinking",
    "tool-input",
    "other",
    "alarm",
    "right",
    "quiet",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight"
  ];
  var OF_MODELS = COLOURS.slice(-8);

  // src/page/matches.js
  var MOST = 1e4;
  function patternOf(words2) {
    return new RegExp(words2.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"), "giu");
  }
  function matchesIn(places2, pattern) {
    const matches = [];
    for (const place of places2) {
      for (const number of [...place.text().matchAll(pattern)].keys()) {
        if (matches.length === MOST) return matches;
        matches.push({ place, number });
      }
    }
    return matches;
  }

  // src/page/fold.js
  function reveal(element) {
    for (let around = (
      /** @type {Page.Revealing | null} */
      element
    ); around; around = around.parentElement) {
      around.reveal?.();
      if (around instanceof HTMLDetailsElement) around.open = true;
    }
  }

  // src/page/search.js
  var places = [];
  var NO_SEARCH = { pattern: null, matches: [], at: 0, shown: null };
  var found = { ...NO_SEARCH };
  function isSearchable() {
    return places.length > 0;
  }
  function forgetSearchable() {
    places.length = 0;
  }
  function searchBox(words2) {
    const input = h("input", { type: "search", placeholder: words2, "aria-label": words2, spellcheck: "false" });
    const tally = h("output", { "aria-live": "polite" });
    let waiting = 0;
    const go = (step) => {
      move(step);
      showTally(tally);
    };
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        find(input.value);
        go(0);
      }, 150);
    });
    input.addEventListener("keydown", (key) => {
      if (key.key !== "Enter") return;
      key.preventDefault();
      go(key.shiftKey ? -1 : 1);
    });
    addEventListener("keydown", (key) => {
      if (key.key !== "/" || /input|textarea|select/.test(document.activeElement?.localName ?? "")) return;
      key.preventDefault();
      input.focus();
    });
    return h(
      "search",
      {},
      input,
      tally,
      h("button", { type: "button", class: "step", "aria-label": "Previous match", onclick: () => go(-1) }, "↑"),
      h("button", { type: "button", class: "step", "aria-label": "Next match", onclick: () => go(1) }, "↓")
    );
  }
  function searchInput() {
    return (
      /** @type {HTMLInputElement | null} */
      document.querySelector("input[type=search]")
    );
  }
  function find(words2) {
    found.shown?.show(null);
    found = { ...NO_SEARCH };
    if (words2.length < 2) return;
    const pattern = patternOf(words2);
    found = { ...NO_SEARCH, pattern, matches: matchesIn(places, pattern) };
  }
  function findAgain(words2) {
    const { at } = found;
    const [input, tally] = [searchInput(), document.querySelector("search output")];
    if (!input || !tally) return;
    input.value = words2;
    find(words2);
    found.at = Math.min(at, Math.max(found.matches.length - 1, 0));
    showTally(tally);
  }
  function move(step) {
    const of = found.matches.length;
    if (!of) return;
    found.at = (found.at + step + of) % of;
    const { place, number } = found.matches[found.at];
    if (found.shown !== place) found.shown?.show(null);
    found.shown = place;
    const marks = place.show(found.pattern).querySelectorAll("mark");
    marks.forEach((mark2, at) => mark2.classList.toggle("current", at === number));
    marks[number]?.scrollIntoView({ block: "center" });
  }
  function showTally(tally) {
    const of = found.matches.length;
    tally.textContent = !found.pattern ? "" : of ? `${SHOW.count(found.at + 1)} of ${SHOW.count(of)}${of === MOST ? "+" : ""}` : "nothing found";
  }

  // src/page/frame.js
  var THEMES = ["auto", "light", "dark"];
  function frame({ kind, title, lead, facts, home = "#top", search = "Search all text" }, ...given) {
    const sections = given.flat().filter((section) => !!section);
    for (const before of document.querySelectorAll("body > header, body > main, body > footer")) before.remove();
    document.body.append(
      h(
        "header",
        { class: "top" },
        h("a", { class: "home", href: home }, kind),
        h(
          "nav",
          {},
          sections.map((section) => h("a", { href: `#${section.id}` }, section.dataset.name))
        ),
        isSearchable() && searchBox(search),
        themeButton()
      ),
      h(
        "main",
        { id: "top" },
        h(
          "div",
          { class: "head" },
          h("h1", {}, title),
          lead && h("p", { class: "lead" }, lead),
          facts && h("p", { class: "facts" }, facts),
          running()
        ),
        sections
      ),
      h(
        "footer",
        {},
        h(
          "p",
          {},
          `Made by anyclaude-toolkit ${DATA.version}. ${DATA.live ? "It contacts only the command that serves it." : "This file holds everything it shows, and loads nothing from the network."}`
        ),
        DATA.shared && h("p", {}, SHARED[DATA.shared])
      )
    );
  }
  var WARN_AT = 80;
  function running() {
    return (DATA.running ?? []).map(
      ({ words: words2, percent }) => h(
        "p",
        { class: `running ${percent !== null && percent >= WARN_AT ? "wrong" : ""}` },
        `Running now: ${words2}`,
        percent !== null && ` (${percent}%)`
      )
    );
  }
  var SHARED = {
    names: "Home paths, user names, host names, e-mail addresses and ids have been replaced.",
    numbers: "All texts have been left out: only numbers, kinds and the names of well-known tools and of models remain."
  };
  function begin2(page, turnTo = () => {
  }) {
    draw2 = page;
    follow = () => {
      const id = location.hash.slice(1);
      if (!id) return;
      if (!document.getElementById(id)) turnTo(id);
      const target = document.getElementById(id);
      if (!target) return;
      reveal(target);
      target.scrollIntoView();
    };
    draw2();
    follow();
    addEventListener("hashchange", follow);
    addEventListener("click", ({ target }) => {
      const link = target instanceof Element && target.closest("a[href^='#']");
      if (link && link.getAttribute("href") === location.hash) follow();
    });
  }
  var draw2 = () => {
  };
  var follow = () => {
  };
  function drawAgain() {
    const open = [...document.querySelectorAll("details[id][open]")].map(({ id }) => id);
    const words2 = searchInput()?.value;
    const height = scrollY;
    const follows = DATA.live && height > 0 && height + innerHeight >= document.documentElement.scrollHeight - 40;
    forgetCharts();
    forgetSearchable();
    draw2();
    for (const id of open) {
      const fold = (
        /** @type {Page.Fold | null} */
        document.getElementById(id)
      );
      if (fold) fold.open = true;
      fold?.ensure?.();
    }
    if (words2) findAgain(words2);
    scrollTo(0, follows ? document.documentElement.scrollHeight : height);
  }
  function themeButton() {
    const button = h("button", { class: "theme", type: "button", title: "Colours: automatic, light or dark" });
    const show = () => {
      const theme = document.documentElement.dataset.theme ?? "auto";
      button.textContent = "◐○●"[THEMES.indexOf(theme)];
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
  addEventListener("beforeprint", () => {
    document.documentElement.classList.add("paper");
    const buttons = (
      /** @type {NodeListOf<HTMLButtonElement>} */
      document.querySelectorAll("button.more")
    );
    for (const button of buttons) button.click();
    redraw(true);
  });
  addEventListener("afterprint", () => {
    document.documentElement.classList.remove("paper");
    redraw();
  });

  // src/page/history.js
  var PAUSE = 250;
  var words = "";
  var shown = [];
  var asked = 0;
  function historySearch() {
    const input = h("input", {
      type: "search",
      placeholder: "Search in all that was said",
      "aria-label": "Search in all that was said",
      spellcheck: "false"
    });
    input.value = words;
    const results = h("div", { class: "hits", "aria-live": "polite" }, ...shown);
    let waiting = 0;
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      words = input.value;
      waiting = setTimeout(async () => {
        const number = ++asked;
        const found2 = words.trim() ? await find2(words) : [];
        if (number !== asked) return;
        shown = found2;
        results.replaceChildren(...found2);
      }, PAUSE);
    });
    return h("section", { id: "search", "data-name": "Search" }, h("div", { class: "search" }, input), results);
  }
  async function find2(asked2) {
    const answer = await fetch(`search?q=${encodeURIComponent(asked2)}`).catch(() => null);
    if (!answer?.ok) return [h("p", {}, "The server doesn't answer.")];
    const { hits, problem } = (
      /** @type {{ hits: Hit[]; problem: string | null }} */
      await answer.json()
    );
    if (problem) return [h("p", {}, problem)];
    return hits.length ? hits.map(hit) : [h("p", {}, "Nothing was found.")];
  }
  function hit(found2) {
    const place = found2.session ? `turn ${found2.turn} of ${found2.name}` : found2.name;
    const said = found2.tool && found2.role === "tool" ? `${found2.role}, ${found2.tool}` : found2.role;
    const others = found2.sessions > 1 ? `, in ${pluralize(found2.sessions, "session")}` : "";
    return h(
      "article",
      {},
      h(
        "p",
        {},
        found2.address ? h("a", { href: found2.address }, place) : place,
        h("small", {}, ` ${found2.timestamp.slice(0, 19).replace("T", " ")}  ${said}${others}`)
      ),
      found2.title && h("p", {}, h("small", {}, found2.title)),
      h("p", {}, ...marked(found2.snippet))
    );
  }
  function marked(snippet) {
    const [before, ...rest] = snippet.split("");
    return [
      before,
      ...rest.flatMap((piece) => {
        const [found2, behind] = piece.split("");
        return [h("mark", {}, found2), behind ?? ""];
      })
    ];
  }

  // src/page/live.js
  function live() {
    const root = document.documentElement;
    let source = null;
    let waiting = false;
    const busy = () => {
      const active = document.activeElement;
      return active instanceof HTMLInputElement && active.type === "search" && active.value !== "" || String(getSelection()) !== "";
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
      if (document.hidden) return;
      source = new EventSource("changes");
      source.onopen = () => root.dataset.live = "on";
      source.onerror = () => root.dataset.live = "gone";
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

  // src/list.js
  function listPage() {
    const { rows, search } = (
      /** @type {Data.ListPage} */
      /** @type {unknown} */
      DATA
    );
    frame(
      {
        kind: "Sessions",
        title: rows.length ? pluralize(rows.length, "session") : "No sessions yet",
        facts: "New ones appear as they begin."
      },
      rows.length === 0 && h(
        "section",
        { id: "none", "data-name": "" },
        h("p", {}, "To make one, run Claude Code through the proxy: ", h("code", {}, "anyclaude --mode lmstudio"))
      ),
      rows.length > 0 && search && historySearch(),
      rows.length > 0 && h(
        "section",
        { id: "sessions", "data-name": "Sessions" },
        table(
          [
            {
              title: "Began (UTC)",
              cell: (row) => h("a", { class: "moment", href: `session/${row.address}/` }, row.began)
            },
            { title: "Session", cell: (row) => h("small", {}, row.session.slice(0, 23)) },
            { title: "Model", cell: (row) => [row.model ?? UNKNOWN, h("small", {}, ` ${row.mode}`)] },
            { title: "Turns", number: true, cell: (row) => SHOW.count(row.turns) },
            { title: "Agents", number: true, cell: (row) => SHOW.count(row.agents) },
            { title: "Largest input", number: true, cell: (row) => format(row.largest_input, "tokens") },
            { title: "Output", number: true, cell: (row) => format(row.output_tokens, "tokens") },
            { title: "Waiting", number: true, cell: (row) => format(row.waiting, "seconds") },
            ...rows.some((row) => row.cost) ? [
              {
                title: "Cost",
                number: true,
                cell: (row) => figure(row, "cost", "dollars")
              }
            ] : [],
            {
              title: "Failed",
              number: true,
              cell: (row) => row.failed ? h("span", { class: "wrong" }, SHOW.count(row.failed)) : ""
            }
          ],
          rows,
          { limit: 50 }
        )
      )
    );
  }
  begin2(listPage);
  live();
})();
