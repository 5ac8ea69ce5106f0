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
    const figure = h(
      "figure",
      {},
      title && h("figcaption", {}, title),
      place,
      !silent && h("p", { class: "note" }, about)
    );
    return Object.assign(figure, { redraw: () => entry.drawn && draw(entry) });
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
  function tooltip(look, lines, more = {}) {
    return {
      confine: true,
      transitionDuration: 0,
      backgroundColor: look.card,
      borderColor: look.line,
      textStyle: { color: look.ink, fontSize: 13 },
      formatter: (item) => {
        const [first, ...rest] = lines(item);
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
  function format(value, kind) {
    return value === null || value === void 0 ? UNKNOWN : SHOW[kind](value);
  }
  function pluralize(number, thing) {
    return `${SHOW.count(number)} ${thing}${number === 1 ? "" : "s"}`;
  }

  // src/load/runs.js
  var BINS = 24;
  function lanes(load, run) {
    const count = Math.max(1, ...run.rows.map(([lane]) => lane));
    const end = Math.max(load.duration, ...run.rows.map(([, sent, , total]) => sent + total));
    return chart({
      title: "Agents over time",
      about: "Each line is an agent. Pale: it waits for the first token; full: the answer is written; red: not good, or failed; nothing: tools or the person are busy.",
      height: Math.min(900, 84 + Math.max(6, Math.min(22, 600 / count)) * count),
      many: true,
      option: (look) => ({
        grid: { left: 56, right: 24, top: 12, bottom: 56 },
        tooltip: tooltip(look, ({ data }) => describe(data.row)),
        xAxis: axis(look, "Seconds since the level began", { type: "value", min: 0, max: Math.ceil(end) }),
        yAxis: axis(look, "Agent", { type: "value", min: 0, max: count + 1, minInterval: 1, inverse: true, nameGap: 36 }),
        series: [
          {
            type: "custom",
            encode: { x: [0, 1, 2], y: 3 },
            data: run.rows.map((row) => ({ value: [row[1], row[1] + (row[2] ?? row[3]), row[1] + row[3], row[0]], row })),
            renderItem: request(look, run)
          }
        ]
      })
    });
  }
  function request(look, run) {
    return (params, api) => {
      const row = run.rows[params.dataIndex];
      const [begin3, first, end] = [0, 1, 2].map((at) => api.coord([api.value(at), api.value(3)])[0]);
      const [, y] = api.coord([api.value(0), api.value(3)]);
      const height = Math.max(2, Math.min(14, 0.7 * api.size([0, 1])[1]));
      const colour = row[4] !== null || !row[5] ? look.colour("alarm") : look.colour("one");
      const piece = (from, to, opacity) => ({
        type: "rect",
        shape: { x: from, y: y - height / 2, width: Math.max(1, to - from), height },
        style: { fill: colour, opacity }
      });
      return { type: "group", children: [piece(begin3, first, 0.35), piece(first, end, 0.95)] };
    };
  }
  function describe([lane, sent, ttft, total, error, , turn, agent, input, cached]) {
    return [
      `Agent ${lane}, turn ${turn}${agent === "main" ? "" : `, ${plain(agent)}`}`,
      `sent after ${SHOW.seconds(sent)}`,
      error !== null ? `failed: ${plain(error)}` : `first token after ${ttft === null ? UNKNOWN : SHOW.seconds(ttft)}`,
      `over after ${SHOW.seconds(total)}`,
      input !== null && `${SHOW.tokens(input)} tokens${cached === null ? "" : `, ${SHOW.tokens(cached)} from the cache`}`
    ];
  }
  function cacheOverTime(run) {
    const known = run.rows.filter(([, , , , , , , , input, cached]) => input && cached !== null);
    if (!known.length) return null;
    const end = Math.max(...known.map(([, sent]) => sent)) || 1;
    const shares = (column) => Array.from({ length: BINS }, (_, bin) => {
      const rows = known.filter(([, sent]) => Math.min(BINS - 1, Math.floor(sent / end * BINS)) === bin);
      const all = rows.reduce((sum, row) => sum + (row[8] ?? 0), 0);
      const part = rows.reduce((sum, row) => sum + (row[column] ?? 0), 0);
      return all ? [(bin + 0.5) * end / BINS, 100 * part / all] : null;
    }).filter((point) => point !== null);
    return chart({
      title: "Cache reuse over time",
      about: "The share of input tokens that the server took from its cache, and (dashed) that a cache which forgets nothing would hold.",
      height: 260,
      option: (look) => ({
        grid: { left: 56, right: 24, top: 36, bottom: 56 },
        legend: { top: 0, left: 0, textStyle: { color: look.ink, fontSize: 13 }, itemWidth: 18 },
        tooltip: tooltip(look, ({ seriesName, value }) => [
          seriesName,
          `${value[1].toFixed(0)}% after ${SHOW.seconds(value[0])}`
        ]),
        xAxis: axis(look, "Seconds since the level began", { type: "value", min: 0 }),
        yAxis: axis(look, "Input tokens, %", { type: "value", min: 0, max: 100, nameGap: 40 }),
        series: [
          line("from the cache", shares(9), look.colour("one"), "solid"),
          line("could be", shares(10), look.soft, "dashed")
        ]
      })
    });
  }
  function serverOverTime(run) {
    const told = (column) => run.samples.filter((sample) => sample[column] !== null).map((sample) => [sample[0], sample[column]]);
    const [running2, waiting, used] = [told(1), told(2), told(3)];
    if (!running2.length && !waiting.length && !used.length) return null;
    return chart({
      title: "What the server told of itself",
      about: "Requests that it worked on and that waited, and (dashed, on the right) how much of its KV cache was used.",
      height: 260,
      option: (look) => ({
        grid: { left: 56, right: 56, top: 36, bottom: 56 },
        legend: { top: 0, left: 0, textStyle: { color: look.ink, fontSize: 13 }, itemWidth: 18 },
        tooltip: tooltip(look, ({ seriesName, value }) => [
          seriesName,
          `${SHOW.speed(value[1])} after ${SHOW.seconds(value[0])}`
        ]),
        xAxis: axis(look, "Seconds since the level began", { type: "value", min: 0 }),
        yAxis: [
          axis(look, "Requests", { type: "value", min: 0, nameGap: 40 }),
          axis(look, "KV cache, %", { type: "value", min: 0, max: 100, nameGap: 40, splitLine: { show: false } })
        ],
        series: [
          line("running", running2, look.colour("one"), "solid"),
          line("waiting", waiting, look.colour("alarm"), "solid"),
          {
            ...line(
              "KV cache",
              used.map(([at, share]) => [at, 100 * (share ?? 0)]),
              look.soft,
              "dashed"
            ),
            yAxisIndex: 1
          }
        ].filter(({ data }) => data.length)
      })
    });
  }
  function line(name, data, colour, type) {
    return { type: "line", name, data, symbolSize: 4, itemStyle: { color: colour }, lineStyle: { color: colour, type } };
  }

  // src/load/levels.js
  function unit(loads2) {
    const names = new Set(loads2.flatMap(({ levels }) => levels.map(({ level }) => level.endsWith("/min"))));
    return names.size > 1 ? "Load" : names.has(true) ? "Sessions begun a minute" : "Agents at once";
  }
  function frameOf(loads2, look, name, more = {}) {
    return {
      grid: { left: 64, right: 24, top: 36, bottom: 56 },
      legend: { top: 0, left: 0, type: "scroll", textStyle: { color: look.ink, fontSize: 13 }, itemWidth: 18 },
      xAxis: axis(look, unit(loads2), { type: "value", min: 0, minInterval: 1 }),
      yAxis: axis(look, name, { type: "value", min: 0, nameGap: 44, ...more })
    };
  }
  var colourOf = (place, look) => look.colour(OF_MODELS[place % OF_MODELS.length]);
  var byLoad = (levels) => [...levels].sort((one, other) => one.load - other.load);
  function goodput(loads2) {
    return chart({
      title: "Good turns",
      about: "The share of turns within the objectives at each level; the lines upwards and downwards are its 95% interval.",
      height: 300,
      option: (look) => ({
        ...frameOf(loads2, look, "Share of turns, %", { max: 100 }),
        tooltip: tooltip(look, ({ seriesName, data }) => [
          `${seriesName}, ${data.level.level}`,
          `${data.level.good_count} of ${data.level.good_of} turns good`,
          `${SHOW.speed(data.level.good_per_minute)} a minute`
        ]),
        series: loads2.flatMap((load, place) => {
          const levels = byLoad(load.levels).filter(({ good_share }) => good_share !== null);
          return [
            {
              type: "line",
              name: plain(load.label),
              symbolSize: 9,
              itemStyle: { color: colourOf(place, look) },
              lineStyle: { color: colourOf(place, look) },
              data: levels.map((level) => ({ value: [level.load, percent(level.good_share)], level }))
            },
            {
              type: "custom",
              name: plain(load.label),
              silent: true,
              tooltip: { show: false },
              data: levels.map((level) => [level.load, percent(level.good_low), percent(level.good_high)]),
              renderItem: whisker(colourOf(place, look))
            }
          ];
        })
      })
    });
  }
  var percent = (share) => share === null ? null : 100 * share;
  function whisker(colour) {
    return (_, api) => {
      const [x2, low] = api.coord([api.value(0), api.value(1)]);
      const [, high] = api.coord([api.value(0), api.value(2)]);
      return {
        type: "line",
        shape: { x1: x2, y1: low, x2, y2: high },
        style: { stroke: colour, lineWidth: 2, opacity: 0.5 }
      };
    };
  }
  function latency(loads2) {
    const lines = (
      /** @type {const} */
      [
        ["ttft_p50", "median", "solid"],
        ["ttft_p90", "90th percentile", "dashed"]
      ]
    );
    return chart({
      title: "Time to the first token",
      about: "The median as a line, the 90th percentile dashed; a level with fewer than 10 turns has none.",
      height: 300,
      option: (look) => ({
        ...frameOf(loads2, look, "Seconds"),
        tooltip: tooltip(look, ({ seriesName, data }) => [
          `${seriesName}, ${data.level.level}`,
          `first token after ${SHOW.seconds(data.value[1])}`,
          `of ${SHOW.count(data.level.turns)} turns`
        ]),
        series: loads2.flatMap(
          (load, place) => lines.map(([key, words, type]) => ({
            type: "line",
            name: `${plain(load.label)}, ${words}`,
            symbolSize: 8,
            itemStyle: { color: colourOf(place, look) },
            lineStyle: { color: colourOf(place, look), type },
            data: byLoad(load.levels).filter((level) => level[key] !== null).map((level) => ({ value: [level.load, level[key]], level }))
          }))
        )
      })
    });
  }
  function tradeoff(loads2) {
    return chart({
      title: "Throughput against time to the first token",
      about: "Each point is a level. Further right: more work done in all. Further up: each agent waits longer.",
      height: 360,
      option: (look) => ({
        ...frameOf(loads2, look, "Time to the first token, median, seconds"),
        xAxis: axis(look, "Output tokens per second, all agents together", { type: "value", min: 0 }),
        tooltip: tooltip(look, ({ seriesName, data }) => [
          `${seriesName}, ${data.level.level}`,
          `${SHOW.speed(data.value[0])} tokens/s in all`,
          `first token after ${SHOW.seconds(data.value[1])}`
        ]),
        series: loads2.map((load, place) => ({
          type: "line",
          name: plain(load.label),
          symbolSize: 11,
          itemStyle: { color: colourOf(place, look) },
          lineStyle: { color: colourOf(place, look), opacity: 0.5 },
          label: {
            show: true,
            position: "top",
            color: look.soft,
            formatter: ({ data }) => plain(data.level.level)
          },
          data: byLoad(load.levels).filter(({ output_per_second, ttft_p50 }) => output_per_second !== null && ttft_p50 !== null).map((level) => ({ value: [level.output_per_second, level.ttft_p50], level }))
        }))
      })
    });
  }

  // src/page/data.js
  var DATA = JSON.parse(document.getElementById("data")?.textContent ?? "{}");

  // src/page/figures.js
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
  function searchInput() {
    return (
      /** @type {HTMLInputElement | null} */
      document.querySelector("input[type=search]")
    );
  }
  function find(words) {
    found.shown?.show(null);
    found = { ...NO_SEARCH };
    if (words.length < 2) return;
    const pattern = patternOf(words);
    found = { ...NO_SEARCH, pattern, matches: matchesIn(places, pattern) };
  }
  function findAgain(words) {
    const { at } = found;
    const [input, tally] = [searchInput(), document.querySelector("search output")];
    if (!input || !tally) return;
    input.value = words;
    find(words);
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
    marks.forEach((mark, at) => mark.classList.toggle("current", at === number));
    marks[number]?.scrollIntoView({ block: "center" });
  }
  function showTally(tally) {
    const of = found.matches.length;
    tally.textContent = !found.pattern ? "" : of ? `${SHOW.count(found.at + 1)} of ${SHOW.count(of)}${of === MOST ? "+" : ""}` : "nothing found";
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
      ({ words, percent: percent2 }) => h(
        "p",
        { class: `running ${percent2 !== null && percent2 >= WARN_AT ? "wrong" : ""}` },
        `Running now: ${words}`,
        percent2 !== null && ` (${percent2}%)`
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
  function drawAgain() {
    const open = [...document.querySelectorAll("details[id][open]")].map(({ id }) => id);
    const words = searchInput()?.value;
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
    if (words) findAgain(words);
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

  // src/load.js
  var { loads } = (
    /** @type {Data.LoadPage} */
    /** @type {unknown} */
    DATA
  );
  var chosen = 0;
  var RUNS = loads.flatMap((load) => load.runs.map((run) => ({ load, run })));
  function loadPage() {
    const several = loads.length > 1;
    const [first] = loads;
    frame(
      {
        kind: "Load",
        title: several ? `${loads.length} loads over each other` : `${first.model} under load`,
        lead: loads.map((load) => [load.verdict.map((line2) => h("p", {}, several && `${load.label}: `, line2))]),
        facts: [
          !several && first.server,
          pluralize(first.sessions, "session"),
          `${SHOW.seconds(first.duration)} a level`,
          `good: ${first.objectives.join(", ")}`
        ].filter(Boolean).join("  ·  ")
      },
      section("levels", "Levels", "How many agents it carries", sentences(), goodput(loads), latency(loads)),
      section("tradeoff", "Throughput", "Throughput against waiting", tradeoff(loads)),
      section("figures", "Figures", "All figures", loads.map(figures)),
      RUNS.length > 0 && section("runs", "Agents", "What each agent waited for", picker(), detail())
    );
  }
  function sentences() {
    const lines = loads.flatMap((load) => [...load.sentences, ...load.troubles.map((trouble) => `⚠ ${trouble}`)]);
    return h(
      "ul",
      { class: "advice" },
      lines.map((line2) => h("li", {}, line2))
    );
  }
  function figures(load) {
    const seconds = (value) => format(value, "seconds");
    const share = (value) => value === null ? UNKNOWN : `${Math.round(100 * value)}%`;
    return [
      loads.length > 1 && h("h3", {}, load.label),
      table(
        [
          { title: "Load", cell: (level) => level.level },
          { title: "Turns", number: true, cell: (level) => SHOW.count(level.turns) },
          { title: "Failed", number: true, cell: (level) => SHOW.count(level.failed) },
          {
            title: "Good, 95% interval",
            number: true,
            cell: (level) => [
              share(level.good_share),
              level.good_share !== null && h("small", {}, ` [${share(level.good_low)}, ${share(level.good_high)}]`)
            ]
          },
          { title: "Good a minute", number: true, cell: (level) => SHOW.speed(level.good_per_minute) },
          { title: "TTFT p50", number: true, cell: (level) => seconds(level.ttft_p50) },
          { title: "p90", number: true, cell: (level) => seconds(level.ttft_p90) },
          { title: "p99", number: true, cell: (level) => seconds(level.ttft_p99) },
          { title: "Turn p50", number: true, cell: (level) => seconds(level.turn_p50) },
          { title: "Decode tok/s", number: true, cell: (level) => format(level.decode_p50, "speed") },
          { title: "Tokens out a second", number: true, cell: (level) => format(level.output_per_second, "speed") },
          { title: "Cached", number: true, cell: (level) => share(level.cached) },
          { title: "could be", number: true, cell: (level) => share(level.predicted) },
          { title: "Correct", number: true, cell: (level) => share(level.correct_share) },
          { title: "Queue", number: true, cell: (level) => format(level.server_waiting, "speed") },
          { title: "Lag p99", number: true, cell: (level) => format(level.lag_p99, "milliseconds") }
        ],
        load.levels
      )
    ];
  }
  function picker() {
    const select = h(
      "select",
      { "aria-label": "Which run", id: "which-run" },
      RUNS.map(
        ({ load, run }, place) => h(
          "option",
          { value: String(place), selected: place === chosen },
          [loads.length > 1 && `${load.label}, `, run.level, `, run ${run.run}`].filter(Boolean).join("")
        )
      )
    );
    select.addEventListener("change", () => {
      chosen = Number(
        /** @type {HTMLSelectElement} */
        select.value
      );
      drawAgain();
      document.getElementById("which-run")?.focus();
    });
    return h("p", {}, select);
  }
  function detail() {
    const { load, run } = RUNS[chosen];
    return [lanes(load, run), cacheOverTime(run), serverOverTime(run)];
  }
  begin2(loadPage);
})();
