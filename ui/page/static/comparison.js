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

  // src/page/text.js
  var HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u034f\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0]|\udb40[\udc00-\udfff]|\r(?!\n)|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
  var EACH_HIDDEN = new RegExp(`(${HIDDEN.source})`);
  function codeOf(character) {
    return "U+" + (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  }
  function plain(text) {
    return HIDDEN.test(text) ? text.split(EACH_HIDDEN).map((piece, place) => place % 2 ? codeOf(piece) : piece).join("") : text;
  }
  function cutMiddle(text, most) {
    if (text.length <= most) return text;
    const tail = Math.floor((most - 1) / 2);
    return `${text.slice(0, most - 1 - tail)}…${text.slice(-tail)}`;
  }
  var PREVIEW = 160;
  function preview(text) {
    const start = text.slice(0, PREVIEW * 3).replace(/\s+/g, " ").trim();
    return start.length > PREVIEW || text.length > PREVIEW * 3 ? `${start.slice(0, PREVIEW)}…` : start;
  }
  function readable(part, text) {
    if (part.kind !== "tool_input" && part.kind !== "tool") return text;
    try {
      return lines(JSON.parse(text), "");
    } catch {
      return text;
    }
  }
  function lines(value, indent) {
    if (value === null || typeof value !== "object") return String(value);
    if (Object.keys(value).length === 0) return Array.isArray(value) ? "[]" : "{}";
    return Object.entries(value).map(([key, item]) => {
      const name = Array.isArray(value) ? "-" : `${key}:`;
      if (item !== null && typeof item === "object" && Object.keys(item).length)
        return `${indent}${name}
${lines(item, `${indent}  `)}`;
      if (typeof item === "string" && item.includes("\n"))
        return `${indent}${name}
${item.replace(/^/gm, `${indent}  `)}`;
      return `${indent}${name} ${lines(item, indent)}`;
    }).join("\n");
  }
  var AT_ONCE = 2e4;
  function firstPart(text) {
    return text.length <= AT_ONCE * 1.2 ? text : text.slice(0, AT_ONCE);
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

  // src/page/charts.js
  var charts = /* @__PURE__ */ new Set();
  function chart({ title, about, silent, height, option, onclick, many }) {
    const place = h("div", { class: "chart", role: "img", "aria-label": plain(about) });
    place.style.height = `${height}px`;
    const entry = { place, option, drawn: null, onclick, renderer: many ? "canvas" : "svg" };
    Object.assign(place, { whenSeen: () => draw(entry) });
    charts.add(entry);
    seen.observe(place);
    const figure2 = h(
      "figure",
      {},
      title && h("figcaption", {}, title),
      place,
      !silent && h("p", { class: "note" }, about)
    );
    return Object.assign(figure2, { redraw: () => entry.drawn && draw(entry) });
  }
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
  function currentLook() {
    const probe = h("span", { hidden: true });
    document.body.append(probe);
    const colour = (name) => {
      probe.style.color = `var(--${name})`;
      return getComputedStyle(probe).color;
    };
    const [ink, soft, line2, card, paper, accent] = ["ink", "soft", "line", "card", "paper", "accent"].map(colour);
    const named = new Map(COLOURS.map((name) => [name, colour(name)]));
    const font = getComputedStyle(document.body).fontFamily;
    probe.remove();
    return { colour: (name) => named.get(name) ?? "", font, ink, soft, line: line2, card, paper, accent };
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
  function axis(look, name, more = {}) {
    return {
      name,
      nameLocation: "middle",
      nameGap: 32,
      nameTextStyle: { color: look.soft, fontSize: 12 },
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { color: look.soft, fontSize: 12, hideOverlap: true },
      splitLine: { lineStyle: { color: look.line } },
      ...more
    };
  }
  function tooltip(look, lines2, more = {}) {
    return {
      confine: true,
      transitionDuration: 0,
      backgroundColor: look.card,
      borderColor: look.line,
      textStyle: { color: look.ink, fontSize: 13 },
      formatter: (item) => {
        const [first, ...rest] = lines2(item);
        return h(
          "div",
          { class: "tip" },
          h("strong", {}, first),
          rest.map((line2) => h("div", {}, line2))
        );
      },
      ...more
    };
  }

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

  // src/page/matches.js
  var MOST = 1e4;
  function patternOf(words) {
    return new RegExp(words.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"), "giu");
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
  function splitByMatches(text, pattern) {
    const pieces = [];
    let from = 0;
    for (const match of text.matchAll(pattern)) {
      pieces.push(text.slice(from, match.index), match[0]);
      from = match.index + match[0].length;
    }
    return [...pieces, text.slice(from)];
  }

  // src/page/fold.js
  function fold({ id, tone, summary, open, fill }) {
    const inside = h("div", { class: "inside" });
    const element = h("details", { id, class: `fold ${tone ?? ""}`, open }, h("summary", {}, summary), inside);
    const ensure = () => {
      if (!inside.hasChildNodes()) fill(inside);
      return inside;
    };
    const details = (
      /** @type {Page.Fold} */
      Object.assign(element, { ensure })
    );
    details.addEventListener("toggle", () => details.open && details.ensure());
    if (open) details.ensure();
    return details;
  }
  function putText(element, text, pattern = null, all = false) {
    element.replaceChildren();
    const start = pattern || all ? text : firstPart(text);
    const pieces = pattern ? splitByMatches(start, pattern) : [start];
    element.append(...pieces.map((piece, place) => place % 2 ? h("mark", {}, piece) : visible(piece)));
    if (start.length < text.length) {
      element.append(
        h(
          "button",
          { class: "quiet", type: "button", onclick: () => putText(element, text, null, true) },
          `Show all ${SHOW.count(text.length)} characters`
        )
      );
    }
  }
  function reveal(element) {
    for (let around = (
      /** @type {Page.Revealing | null} */
      element
    ); around; around = around.parentElement) {
      around.reveal?.();
      if (around instanceof HTMLDetailsElement) around.open = true;
    }
  }
  function copyButton(name, text) {
    return h(
      "button",
      {
        class: "quiet",
        type: "button",
        onclick: async (click) => {
          const button = click.currentTarget;
          const done = await copyText(text());
          button.textContent = done ? "Copied" : "Couldn’t copy";
          setTimeout(() => button.textContent = name, 1500);
        }
      },
      name
    );
  }
  async function copyText(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = h("textarea", { class: "offstage" });
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }

  // src/page/data.js
  var DATA = JSON.parse(document.getElementById("data")?.textContent ?? "{}");

  // src/page/lists.js
  function expand(lists, list) {
    const whole = lists.whole ??= [];
    for (let each = whole.length; each <= list; each++) {
      whole.push(
        lists[each].flatMap(
          ([from, to, of]) => of === void 0 ? Array.from({ length: to - from }, (_, step) => from + step) : whole[of].slice(from, to)
        )
      );
    }
    return whole[list];
  }

  // src/page/parts.js
  var KINDS = {
    system: { name: "System prompt", colour: "system" },
    tool: { name: "Tool", colour: "tools" },
    user: { name: "User", colour: "user" },
    reminder: { name: "System reminder", colour: "reminder" },
    claude_md: { name: "CLAUDE.md, AGENTS.md", colour: "claude-md" },
    tool_result: { name: "Tool result", colour: "tool-result" },
    assistant: { name: "Assistant", colour: "assistant" },
    thinking: { name: "Thinking", colour: "thinking" },
    tool_input: { name: "Tool call", colour: "tool-input" },
    image: { name: "Image", colour: "other" },
    document: { name: "Document", colour: "other" },
    other: { name: "Other", colour: "other" }
  };
  function partsOf(list) {
    return placesOf(list).map((place) => DATA.parts[place]);
  }
  function placesOf(list) {
    return expand(DATA.lists, list);
  }
  function textOf(part) {
    return part.text === null ? "" : DATA.texts[part.text];
  }

  // src/page/search.js
  var places = [];
  var NO_SEARCH = { pattern: null, matches: [], at: 0, shown: null };
  var found = { ...NO_SEARCH };
  function searchable(text, show) {
    places.push({ text, show });
  }
  function isSearchable() {
    return places.length > 0;
  }
  function searchBox(words) {
    const input = h("input", { type: "search", placeholder: words, "aria-label": words, spellcheck: "false" });
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
  function find(words) {
    found.shown?.show(null);
    found = { ...NO_SEARCH };
    if (words.length < 2) return;
    const pattern = patternOf(words);
    found = { ...NO_SEARCH, pattern, matches: matchesIn(places, pattern) };
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

  // src/page/conversation.js
  var SHORT = 600;
  var SHOWN_OPEN = ["user", "assistant", "thinking", "tool_input"];
  function conversation(parts, prefix, { open = false, silent = false, onFold = () => {
  } } = {}) {
    const folds = parts.map(
      (part, place) => (
        /** @type {Shown} */
        [part, partFold(part, `${prefix}${place + 1}`, open)]
      )
    );
    folds.forEach(([, each], place) => onFold(each, place));
    if (!silent) {
      for (const [, each] of folds) if (each.text()) searchable(each.text, each.show);
    }
    const of = (section2) => folds.filter(([part]) => part.section === section2);
    return h(
      "div",
      { class: "conversation" },
      groupFold(of("tools"), `${prefix}tools`, "Tool definitions", "tool"),
      groupFold(of("system"), `${prefix}system`, "System prompt", "block"),
      of("messages").map(([, each]) => each)
    );
  }
  function groupFold(folds, id, name, thing) {
    if (!folds.length) return null;
    const tokens = folds.reduce((sum, [part]) => sum + (part.tokens ?? 0), 0);
    const details = h(
      "details",
      { id, class: `fold kind-${KINDS[folds[0][0].kind].colour}` },
      h(
        "summary",
        {},
        h("span", { class: "kind" }, name),
        h("span", { class: "preview" }, pluralize(folds.length, thing)),
        h("span", { class: "count" }, SHOW.tokens(tokens), h("small", {}, " tokens")),
        h("span")
      ),
      h(
        "div",
        { class: "inside" },
        folds.map(([, each]) => each)
      )
    );
    return details;
  }
  function partFold(part, id, open) {
    const kind = KINDS[part.kind] ?? KINDS.other;
    const text = textOf(part);
    const body = h("div", { class: "text", dir: "auto" });
    const shown = readable(part, text);
    const details = fold({
      id,
      tone: `kind-${kind.colour}`,
      open: open || SHOWN_OPEN.includes(part.kind) && text.length > 0 && text.length <= SHORT,
      summary: [
        h("span", { class: "kind" }, kind.name, part.name && h("b", {}, ` ${part.name}`)),
        h("span", { class: "preview", dir: "auto" }, part.media ? part.media : preview(text)),
        h("span", { class: "count" }, part.tokens !== null && [SHOW.tokens(part.tokens), h("small", {}, " tokens")]),
        h("a", { class: "anchor", href: `#${id}`, "aria-label": "Link to this part" }, "#")
      ],
      fill: (inside) => {
        putText(body, shown);
        inside.append(text && copyButton("Copy", () => text), body);
      }
    });
    const show = (pattern) => {
      if (pattern) reveal(details);
      details.ensure();
      putText(body, shown, pattern);
      return body;
    };
    return (
      /** @type {Page.PartFold} */
      Object.assign(details, { text: () => shown, show })
    );
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

  // src/comparison/answers.js
  var QUESTIONS = {
    calls_a_tool: "Calls a tool, or none, as recorded",
    same_tool: "The same tool",
    known_tool: "A tool that the request offers",
    arguments_parse: "Arguments are complete JSON",
    arguments_fit: "Arguments fit the tool’s schema",
    whole: "The answer is complete",
    in_order: "The stream’s events in order"
  };
  function verdicts(comparison, contenders) {
    const names = Object.keys(QUESTIONS).filter((name) => contenders.some(({ questions }) => questions[name]));
    if (!names.length) return h("p", { class: "note" }, "None of these answers could be checked.");
    const mark2 = (asked) => {
      if (!asked) return h("span", { class: "note" }, UNKNOWN);
      const [passed, of] = asked;
      return passedOf(passed, of);
    };
    return [
      table(
        [
          { title: "Question", cell: (name) => QUESTIONS[name] },
          ...contenders.map(({ label, questions }) => ({
            title: label,
            cell: (name) => mark2(questions[name])
          }))
        ],
        names
      ),
      comparison.wrong.length > 0 && [
        h("h3", {}, "What was wrong"),
        table(
          [
            { title: "Model", cell: ([row]) => row.model },
            { title: "Runs", cell: (rows) => rows.map(({ round }) => round).join(", ") },
            { title: "", cell: ([row]) => row.detail || QUESTIONS[row.question] }
          ],
          [...Map.groupBy(comparison.wrong, (row) => JSON.stringify([row.model, row.question, row.detail])).values()]
        )
      ],
      comparison.control && controlTable(comparison.control),
      comparison.unjudged.length > 0 && [
        h("h3", {}, "What could not be judged"),
        table(
          [
            { title: "Model", cell: ([row]) => row.model },
            { title: "Runs", cell: (rows) => rows.map(({ round }) => round).join(", ") },
            { title: "", cell: ([row]) => row.detail }
          ],
          [...Map.groupBy(comparison.unjudged, (row) => JSON.stringify([row.model, row.detail])).values()]
        )
      ],
      comparison.failures.length > 0 && [
        h("h3", {}, "Runs that failed"),
        table(
          [
            { title: "Model", cell: (row) => row.model },
            { title: "Run", number: true, cell: (row) => String(row.round) },
            { title: "", cell: (row) => row.message }
          ],
          comparison.failures
        )
      ]
    ];
  }
  function controlTable({ others, ...own }) {
    const percent = (share) => `${Math.round(100 * share)}%`;
    return [
      h("h3", {}, "Agreement with the recording"),
      table(
        [
          { title: "Model", cell: (row) => row.model },
          { title: "Agrees", cell: (row) => `${row.agreed} of ${row.compared}` },
          { title: "95% interval", number: true, cell: (row) => `${percent(row.low)} to ${percent(row.high)}` },
          { title: "", cell: (row) => row.standing }
        ],
        [
          { ...own, standing: "the model that was recorded" },
          ...others.map((one) => ({
            ...one,
            standing: one.differs ? "differs more often than that model itself" : "no difference shown"
          }))
        ]
      )
    ];
  }
  function passedOf(passed, of) {
    return h(
      "span",
      { class: passed === of ? "right" : "wrong" },
      passed ? "✓" : "✗",
      h("small", {}, ` ${passed} of ${of}`)
    );
  }
  function answers(contenders, prefix) {
    return h(
      "div",
      { class: "answers" },
      contenders.map((contender, place) => answerColumn(contender, place, `${prefix}answer-${place + 1}-`))
    );
  }
  function answerColumn({ label, runs }, place, prefix) {
    const bodies = runs.map(
      (run, number) => h(
        "div",
        {},
        run.error !== null ? h("p", { class: "alarm" }, run.error) : conversation(partsOf(run.answer), `${prefix}${number + 1}-`, { open: true }),
        run.wrong.map((detail) => h("p", { class: "wrong note" }, "✗ ", detail)),
        run.unjudged.map((detail) => h("p", { class: "note" }, "? ", detail)),
        h(
          "p",
          { class: "note" },
          [run.stop_reason && `stop reason ${run.stop_reason}`, ...run.notes].filter(Boolean).join(" · ")
        )
      )
    );
    const choose = (number) => {
      chosen.value = String(number);
      bodies.forEach((body, each) => body.hidden = each !== number);
    };
    const chosen = h(
      "select",
      { "aria-label": `Run of ${plain(label)}`, onchange: () => choose(Number(chosen.value)) },
      runs.map(
        (run, number) => h("option", { value: number }, `Run ${run.round}${run.error === null ? "" : ", failed"}`)
      )
    );
    bodies.forEach((body, number) => Object.assign(body, { reveal: () => choose(number) }));
    choose(0);
    return h("div", {}, h("header", {}, h("h3", {}, swatch(place), label), chosen), bodies);
  }
  function swatch(place) {
    const dot = h("i", { class: "swatch" });
    dot.style.background = `var(--${OF_MODELS[place % OF_MODELS.length]})`;
    return dot;
  }

  // src/comparison/changed.js
  var QUESTIONS2 = { calls: "Calls as recorded", correct: "Correct" };
  function changed(variants) {
    return variants.map(({ model, changes, effects }) => [
      h("h3", {}, model),
      h("pre", {}, changes.map(line)),
      effects.length > 0 && table(
        [
          { title: "In how many runs", cell: (row) => QUESTIONS2[row.question] },
          { title: "With the change", cell: rates },
          { title: "Without", cell: (row) => rates(row.unchanged) },
          { title: "p, McNemar", number: true, cell: (row) => row.p.toPrecision(3) },
          { title: "", cell: (row) => row.shown ? "a difference" : "no difference shown" }
        ],
        effects
      )
    ]);
  }
  function line(text) {
    return [text.startsWith("+") ? h("ins", {}, text) : text.startsWith("-") ? h("del", {}, text) : text, "\n"];
  }
  function rates({ passed, of, low, high }) {
    const percent = (share) => `${Math.round(100 * share)}%`;
    return [`${passed} of ${of} `, h("small", {}, `[${percent(low)}, ${percent(high)}]`)];
  }

  // src/page/scales.js
  function logarithmic(values) {
    const positive = values.map((value) => value ?? 0).filter((value) => value > 0);
    return positive.length > 1 && Math.max(...positive) > 30 * Math.min(...positive);
  }

  // src/comparison/runs.js
  var MEASURES = (
    /** @type {Data.ComparisonPage} */
    /** @type {unknown} */
    DATA.measures ?? []
  );
  var SPREADS = MEASURES.filter(({ decides }) => decides);
  var SYMBOLS = ["circle", "triangle", "diamond", "rect", "roundRect", "pin", "arrow", "emptyCircle"];
  function styleOf(place, look) {
    return {
      color: look.colour(OF_MODELS[place % OF_MODELS.length]),
      symbol: SYMBOLS[(place + Math.floor(place / OF_MODELS.length)) % SYMBOLS.length]
    };
  }
  function successfulRuns(contender) {
    return contender.runs.filter((run) => run.error === null);
  }
  function spread(rows, contenders, { key, name, kind }) {
    const measure = (
      /** @type {"ttft" | "decode" | "total"} */
      key
    );
    const unit = kind === "speed" ? "Tokens per second" : "Seconds";
    const points = contenders.flatMap(
      (contender, row) => successfulRuns(contender).map((run, number) => ({ run, number, row, value: run.measures[measure] })).filter(({ value }) => value !== null)
    );
    if (!points.length) return null;
    const log = logarithmic(points.map(({ value }) => value));
    const level = rows.some((row) => row.interval_level !== null && row.interval_level < 0.95) ? "its 95% interval, of fewer than 6 runs their range" : "its 95% interval";
    const doubtful = points.some(({ run }) => run.doubts.length) ? " Pale points are unreliable; each says why." : "";
    return chart({
      title: name,
      silent: measure !== SPREADS[SPREADS.length - 1].key,
      about: `Each point is a run, the bar is the median, the line ${level}.${doubtful}`,
      height: 72 + 46 * contenders.length,
      option: (look) => ({
        grid: { left: Math.min(200, 0.3 * look.width) + 16, right: 24, top: 8, bottom: 52 },
        tooltip: tooltip(look, ({ data }) => data.lines),
        xAxis: axis(look, `${unit}${log ? ", logarithmic" : ""}`, {
          type: log ? "log" : "value",
          min: log ? void 0 : 0
        }),
        yAxis: axis(look, "", {
          type: "category",
          inverse: true,
          data: contenders.map(({ label }) => plain(label)),
          splitLine: { show: false },
          axisLabel: {
            color: look.ink,
            fontSize: 13,
            formatter: (name2) => cutMiddle(name2, Math.min(28, Math.floor(0.3 * look.width / 7.5)))
          }
        }),
        series: [
          {
            type: "custom",
            silent: true,
            tooltip: { show: false },
            z: 1,
            data: rows.map((row, place) => [row[measure], place, row[`${measure}_low`], row[`${measure}_high`]]).filter(([median]) => median !== null),
            renderItem: interval(look)
          },
          {
            type: "scatter",
            symbolSize: 9,
            z: 2,
            data: points.map(({ run, number, row, value }) => ({
              value: [value, row],
              symbol: styleOf(row, look).symbol,
              symbolOffset: [0, number * 5 % 9 - 4],
              itemStyle: { color: styleOf(row, look).color, opacity: run.doubts.length ? 0.3 : 0.75 },
              lines: [
                `${plain(contenders[row].label)}, run ${run.round}`,
                `${format(value, kind)}${kind === "speed" ? " tokens/s" : ""}`,
                ...run.doubts.map((doubt) => `Unreliable: ${plain(doubt)}`)
              ]
            }))
          }
        ]
      })
    });
  }
  function interval(look) {
    return (_, api) => {
      const [x2, y] = api.coord([api.value(0), api.value(1)]);
      const ends = [api.value(2), api.value(3)].map((value) => api.coord([value, api.value(1)])[0]);
      const line2 = (...[x1, y1, x22, y2, width]) => ({
        type: "line",
        shape: { x1, y1, x2: x22, y2 },
        style: { stroke: look.ink, lineWidth: width, opacity: 0.85 }
      });
      const whiskers = ends.some(Number.isNaN) ? [] : [
        line2(ends[0], y, ends[1], y, 1),
        line2(ends[0], y - 4, ends[0], y + 4, 1),
        line2(ends[1], y - 4, ends[1], y + 4, 1)
      ];
      return { type: "group", children: [...whiskers, line2(x2, y - 12, x2, y + 12, 3)] };
    };
  }
  function prefillAgainstDecode(contenders) {
    const series = contenders.map(
      (contender) => successfulRuns(contender).map(({ measures, round }) => ({ value: [measures.prefill, measures.decode], round })).filter(({ value }) => !value.includes(null))
    );
    const all = series.flat();
    if (!all.length) return null;
    const log = [0, 1].map((side) => logarithmic(all.map(({ value }) => value[side])));
    const scale = (side) => ({ type: log[side] ? "log" : "value", scale: false });
    return chart({
      title: "Prefill against decode",
      about: "Each point is a run. Further right: faster prefill. Further up: faster decode.",
      height: 380,
      option: (look) => ({
        grid: { left: 72, right: 24, top: 36, bottom: 56 },
        legend: modelLegend(look),
        tooltip: tooltip(look, ({ seriesName, value, data }) => [
          `${seriesName}, run ${data.round}`,
          `prefill ${SHOW.speed(value[0])} tokens/s`,
          `decode ${SHOW.speed(value[1])} tokens/s`
        ]),
        xAxis: axis(look, `Prefill, tokens per second${log[0] ? ", logarithmic" : ""}`, scale(0)),
        yAxis: axis(look, `Decode, tokens per second${log[1] ? ", logarithmic" : ""}`, { ...scale(1), nameGap: 48 }),
        series: contenders.map(({ label }, place) => ({
          type: "scatter",
          name: plain(label),
          symbolSize: 12,
          symbol: styleOf(place, look).symbol,
          itemStyle: { color: styleOf(place, look).color, opacity: 0.75 },
          data: series[place]
        }))
      })
    });
  }
  function modelLegend(look) {
    return {
      top: 0,
      left: 0,
      textStyle: { color: look.ink, fontSize: 13 },
      itemWidth: 14,
      type: "scroll",
      pageTextStyle: { color: look.soft },
      pageIconColor: look.soft
    };
  }
  function arrivalCurves(contenders) {
    const drawn = contenders.flatMap(
      (contender, place) => successfulRuns(contender).map((run) => ({ label: contender.label, place, points: cumulate(run) })).filter(({ points }) => points.length)
    );
    if (!drawn.length) return null;
    const log = logarithmic(drawn.map(({ points }) => points[points.length - 1][0]));
    return chart({
      title: "Output tokens over time",
      about: "Each line is a run, from its first token on. Tokens are assigned to chunks by their characters.",
      height: 380,
      option: (look) => ({
        grid: { left: 64, right: 24, top: 36, bottom: 56 },
        legend: modelLegend(look),
        tooltip: tooltip(look, ({ seriesName, value }) => [
          seriesName,
          `${SHOW.count(Math.round(value[1]))} tokens after ${SHOW.seconds(value[0])}`
        ]),
        xAxis: axis(
          look,
          `Seconds since the request went out${log ? ", logarithmic" : ""}`,
          log ? { type: "log" } : { type: "value", min: 0 }
        ),
        yAxis: axis(look, "Tokens", { type: "value", nameGap: 44 }),
        series: drawn.map(({ label, place, points }) => ({
          type: "line",
          name: plain(label),
          data: points,
          step: "end",
          symbol: styleOf(place, look).symbol,
          symbolSize: 5,
          showSymbol: false,
          showAllSymbol: false,
          triggerLineEvent: true,
          itemStyle: { color: styleOf(place, look).color },
          lineStyle: { width: 1.6, opacity: 0.8 }
        }))
      })
    });
  }
  function cumulate({ arrivals, measures }) {
    const timed = arrivals.filter(([when]) => when !== null && when > 0);
    const characters = timed.reduce((sum2, [, , size]) => sum2 + size, 0);
    if (!characters) return [];
    const each = (measures.tokens ?? characters) / characters;
    let sum = 0;
    return [[timed[0][0], 0], ...timed.map(([when, , size]) => [when, (sum += size) * each])];
  }

  // src/page/frame.js
  var THEMES = ["auto", "light", "dark"];
  function frame({ kind, title, lead, facts, home = "#top", search = "Search all text" }, ...given) {
    const sections = given.flat().filter((section2) => !!section2);
    for (const before of document.querySelectorAll("body > header, body > main, body > footer")) before.remove();
    document.body.append(
      h(
        "header",
        { class: "top" },
        h("a", { class: "home", href: home }, kind),
        h(
          "nav",
          {},
          sections.map((section2) => h("a", { href: `#${section2.id}` }, section2.dataset.name))
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
      ({ words, percent }) => h(
        "p",
        { class: `running ${percent !== null && percent >= WARN_AT ? "wrong" : ""}` },
        `Running now: ${words}`,
        percent !== null && ` (${percent}%)`
      )
    );
  }
  var SHARED = {
    names: "Home paths, user names, host names, e-mail addresses and ids have been replaced.",
    numbers: "All texts have been left out: only numbers, kinds and the names of well-known tools and of models remain."
  };
  function section(id, name, heading, ...children) {
    return h("section", { id, "data-name": name }, h("h2", {}, heading), children);
  }
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

  // src/comparison.js
  function comparisonPage() {
    const { report, requests } = (
      /** @type {Data.ComparisonPage} */
      /** @type {unknown} */
      DATA
    );
    const models = [...new Set(requests.flat().map(({ label }) => label))];
    const runs = requests.flat().reduce((sum, contender) => sum + contender.runs.length, 0);
    const several = requests.length > 1;
    const blocks = requests.map(
      (contenders, place) => requestBlocks(report, contenders, place, several ? `request-${place + 1}-` : "")
    );
    frame(
      {
        kind: "Comparison",
        title: models.length > 2 ? `${models.length} models compared` : models.join(" · "),
        lead: models.length > 2 && models.map((label, place) => h("span", { class: "badge" }, swatch(place), label)),
        facts: [
          pluralize(models.length, "model"),
          pluralize(runs, "run"),
          several ? pluralize(requests.length, "request") : `request ${report.comparisons[0].request}`
        ].join("  ·  ")
      },
      warnings(report),
      several ? across(report.across_requests) : null,
      several ? blocks.map(
        (all, place) => h(
          "section",
          { id: `request-${place + 1}`, "data-name": `Request ${place + 1}` },
          h("h2", {}, report.comparisons[place].request),
          all.map(([, , heading, ...children]) => [h("h3", {}, heading), h("div", { class: "block" }, children)])
        )
      ) : blocks[0].map((block) => section(...block))
    );
  }
  function requestBlocks(report, contenders, place, prefix) {
    const comparison = report.comparisons[place];
    const rows = comparison.models;
    const blocks = [
      [
        `${prefix}overview`,
        "Overview",
        "Which model to choose",
        advice(comparison),
        overview(report, place),
        differences(comparison)
      ],
      [`${prefix}speed`, "Speed", "How fast, run by run", SPREADS.map((each) => spread(rows, contenders, each))],
      [
        `${prefix}tradeoff`,
        "Prefill and decode",
        "Prefill and decode",
        prefillAgainstDecode(contenders),
        arrivalCurves(contenders)
      ],
      comparison.variants.length > 0 ? [`${prefix}changes`, "Changes", "What the changes of the request did", changed(comparison.variants)] : null,
      [`${prefix}verdicts`, "Correctness", "Were the answers correct?", verdicts(comparison, contenders)],
      DATA.shared === "numbers" ? null : [`${prefix}answers`, "Answers", "The answers side by side", answers(contenders, prefix)]
    ];
    return blocks.filter((block) => block !== null);
  }
  function warnings(report) {
    if (!report.cautions.length) return null;
    return h(
      "section",
      { id: "warnings", "data-name": "Warnings" },
      h(
        "details",
        { class: "fold" },
        h(
          "summary",
          {},
          h("span", { class: "kind" }, "⚠ ", pluralize(report.cautions.length, "warning")),
          h("span", { class: "preview" }, report.cautions[0])
        ),
        h(
          "ul",
          { class: "warnings inside" },
          report.cautions.map((line2) => h("li", {}, line2))
        )
      )
    );
  }
  function advice(comparison) {
    if (!comparison.advice.length) return null;
    return h(
      "ul",
      { class: "advice" },
      comparison.advice.map((line2) => {
        const [title, ...rest] = line2.split(": ");
        return h("li", {}, rest.length ? [h("b", {}, title), ": ", rest.join(": ")] : line2);
      })
    );
  }
  function overview(report, place) {
    const comparison = report.comparisons[place];
    const known = MEASURES.filter(({ key }) => comparison.models.some((row) => row[key] !== null));
    const path = (row, measure) => `comparisons.${place}.models.${comparison.models.indexOf(row)}.${measure}`;
    return table(
      [
        { title: "Model", cell: (row) => row.model },
        {
          title: "Runs",
          number: true,
          cell: (row) => row.failed ? `${row.runs - row.failed} of ${row.runs}` : String(row.runs)
        },
        {
          title: "Correct",
          cell: (row) => [
            row.judged ? passedOf(row.right ?? 0, row.judged) : row.unjudged ? "" : UNKNOWN,
            row.unjudged > 0 && h("span", { class: "note" }, " ?", h("small", {}, ` ${row.unjudged} not judged`))
          ]
        },
        ...known.map(({ key, column, kind }) => ({
          title: column,
          number: true,
          cell: (row) => figure(report, path(row, key), kind)
        }))
      ],
      comparison.models
    );
  }
  function differences(comparison) {
    const rows = Object.entries(comparison.differences).flatMap(
      ([measure, { best, others }]) => Object.entries(others).map(([label, difference]) => ({ measure, one: label, other: best, ...difference }))
    );
    return rows.length ? [h("h3", {}, "Difference from the best"), differenceTable(rows)] : null;
  }
  function across(rows) {
    return rows.length ? section("across", "All requests", "Over all requests, in pairs", differenceTable(rows)) : null;
  }
  function differenceTable(rows) {
    const of = (measure) => MEASURES.find(({ key }) => key === measure);
    const show = (measure) => of(measure)?.kind === "speed" ? SHOW.speed : SHOW.seconds;
    const signed = (measure, value) => `${value < 0 ? "−" : "+"}${show(measure)(Math.abs(value))}`;
    return table(
      [
        { title: "Model", cell: (row) => row.one },
        { title: "Measure", cell: (row) => of(row.measure)?.name },
        {
          title: "Difference, 95% interval",
          number: true,
          cell: (row) => row.shown ? `${signed(row.measure, row.value)} [${signed(row.measure, row.low)}, ${signed(row.measure, row.high)}]` : "no difference shown"
        },
        {
          title: "",
          cell: (row) => h("small", {}, row.shown && row.ratio ? `${row.ratio.toFixed(2)}× that of ${row.other}` : `to ${row.other}`)
        }
      ],
      rows
    );
  }
  begin2(comparisonPage);
})();
