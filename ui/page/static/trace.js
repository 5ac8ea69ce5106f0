/*
diff 9.0.0 (BSD-3-Clause)
=========================

BSD 3-Clause License

Copyright (c) 2009-2015, Kevin Decker <kpdecker@gmail.com>
All rights reserved.

Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this
   list of conditions and the following disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice,
   this list of conditions and the following disclaimer in the documentation
   and/or other materials provided with the distribution.

3. Neither the name of the copyright holder nor the names of its
   contributors may be used to endorse or promote products derived from
   this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"
AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.

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
  function plain(text) {
    return HIDDEN.test(text) ? text.split(EACH_HIDDEN).map((piece, place) => place % 2 ? codeOf(piece) : piece).join("") : text;
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
  function similar(one, other) {
    const most = Math.min(one.length, other.length);
    let start = 0;
    while (start < most && one[start] === other[start]) start++;
    let end = 0;
    while (end < most - start && one.at(-1 - end) === other.at(-1 - end)) end++;
    return most > 0 && start + end >= most / 2;
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
  function tiles(...all) {
    return h(
      "dl",
      { class: "tiles" },
      all.filter((tile) => !!tile).map(
        ({ name, value, unit, note }) => h(
          "div",
          { class: "tile" },
          h("dt", {}, name),
          h("dd", {}, value, unit && h("small", {}, ` ${unit}`)),
          note && h("dd", { class: "note" }, note)
        )
      )
    );
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
  function bar(share, colour) {
    const inner = h("i");
    inner.style.width = `${Math.max(0, Math.min(1, share || 0)) * 100}%`;
    if (colour) inner.style.background = `var(--${colour})`;
    return h("span", { class: "bar", "aria-hidden": "true" }, inner);
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
          rest.map((line) => h("div", {}, line))
        );
      },
      ...more
    };
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
    const marks2 = place.show(found.pattern).querySelectorAll("mark");
    marks2.forEach((mark2, at) => mark2.classList.toggle("current", at === number));
    marks2[number]?.scrollIntoView({ block: "center" });
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
  function badge(text, tone) {
    return h("span", { class: `badge ${tone ?? ""}` }, text);
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
  function goTo(id) {
    if (location.hash === `#${id}`) follow();
    else location.hash = `#${id}`;
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

  // src/exchange/curl.js
  var KEYS = { "x-api-key": "$ANTHROPIC_API_KEY", authorization: "Bearer $ANTHROPIC_AUTH_TOKEN" };
  var HEADER = /^[\w!#$%&'*+.^`|~-]+$/;
  var CURL_SETS = ["host", "connection", "content-length", "accept-encoding", "transfer-encoding"];
  function curl(request, text) {
    const headers = Object.entries(request.headers).filter(
      ([name]) => HEADER.test(name) && !CURL_SETS.includes(name.toLowerCase())
    );
    const words = headers.flatMap(([name, value]) => {
      const key = KEYS[name.toLowerCase()];
      if (value.includes("[redacted]")) return key ? [`-H "${name}: ${key}"`] : [];
      return [`-H ${quote(`${name}: ${value}`)}`];
    });
    const body = text.replace(/[\u007f-\uffff]/g, escapeHidden);
    return [
      `curl --no-buffer --globoff -X ${quote(request.method)} --url ${quote(request.url)}`,
      ...words,
      "--data-binary @- <<'BODY'"
    ].join(" \\\n  ") + `
${body}
BODY
`;
  }
  function quote(text) {
    const seen2 = text.split(EACH_HIDDEN).filter((_, place) => place % 2 === 0).join("");
    return `'${seen2.replace(/[\t\n]|\p{Surrogate}/gu, "").replaceAll("'", "'\\''")}'`;
  }
  function escapeHidden(character) {
    return HIDDEN.test(character) ? "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0") : character;
  }
  function indentJson(json) {
    try {
      return JSON.stringify(JSON.parse(json), null, 2);
    } catch {
      return json;
    }
  }

  // src/exchange/raw.js
  function rawSection(raw, prefix) {
    return section(
      `${prefix}raw`,
      "Raw",
      "Request and response as sent",
      rawFolds(raw, prefix),
      h(
        "p",
        { class: "note" },
        "Secrets were removed when the trace was recorded; the command takes keys from the environment."
      )
    );
  }
  function rawFolds({ request, response }, prefix) {
    return [
      h(
        "p",
        { class: "actions" },
        copyButton("Copy as curl", () => curl(request, bodyOf(request))),
        copyButton("Copy the request’s JSON", () => bodyOf(request)),
        response && copyButton("Copy the response’s JSON", () => bodyOf(response))
      ),
      message("Request", `${request.method} ${request.url}`, request, `${prefix}request`),
      response && message("Response", `Status ${response.status}`, response, `${prefix}response`)
    ];
  }
  function message(name, line, held, id) {
    return fold({
      id,
      tone: "raw",
      summary: [h("span", { class: "kind" }, name), h("span", { class: "preview" }, line), h("span")],
      fill: (inside) => {
        const body = h("div", { class: "text code" });
        putText(body, indentJson(bodyOf(held)));
        inside.append(
          table(
            [
              { title: "Header", cell: ([header]) => header },
              { title: "Value", cell: ([, value]) => value }
            ],
            Object.entries(held.headers)
          ),
          body
        );
      }
    });
  }
  function bodyOf(held) {
    return join(held.body);
  }
  function join(pieces) {
    return pieces.map((piece) => {
      if (typeof piece === "string") return piece;
      if (typeof piece === "number") return JSON.stringify(DATA.texts[piece]);
      return expand(DATA.itemLists, piece[0]).map((item) => join(DATA.items[item])).join(",");
    }).join("");
  }

  // src/exchange/timing.js
  function timingSection(exchange, prefix) {
    const { report } = exchange;
    const { total } = report.timing;
    if (total === null)
      return section(
        `${prefix}timing`,
        "Timing",
        "When the answer came",
        h("p", {}, "No times were recorded in this trace.")
      );
    return section(
      `${prefix}timing`,
      "Timing",
      "When the answer came",
      phases(report, total),
      arrivals(exchange, total),
      h("div", { class: "columns" }, measuresTable(exchange, "timing."), measuresTable(exchange, "measures."))
    );
  }
  function measuresTable({ report, measures }, place) {
    return table(
      [
        { title: "Measure", cell: ({ name }) => name },
        { title: "", number: true, cell: ({ path, kind }) => figure(report, path, kind) },
        { title: "", cell: ({ note }) => h("small", {}, note) }
      ],
      measures.filter(({ path }) => path.startsWith(place) && valueAt(report, path) !== null)
    );
  }
  function phases(report, total) {
    const { headers, ttft, first_answer: answer } = report.timing;
    const moments = [
      ["waiting", "Until the headers", headers],
      ["prefill", "Until the first token", ttft],
      ["thinking", "Thinking", answer],
      ["writing", "Writing", total]
    ];
    const strip = h("div", { class: "strip", "aria-hidden": "true" });
    const legend = h("ul", { class: "legend" });
    let before = 0;
    for (const [name, title, moment] of moments) {
      if (moment === null || moment - before <= 0) continue;
      const piece = h("i", { class: name });
      piece.style.flexGrow = String(1e3 * (moment - before));
      strip.append(piece);
      legend.append(
        h(
          "li",
          {},
          h("i", { class: name }),
          h("span", {}, title),
          h("span", { class: "figure" }, SHOW.seconds(moment - before)),
          h("small", {}, `${(100 * (moment - before) / total).toFixed(0)}%`)
        )
      );
      before = moment;
    }
    return h("div", { class: "shares" }, strip, legend);
  }
  var CONTENTS = {
    thinking: ["Thinking", "thinking"],
    text: ["Text", "assistant"],
    tool: ["Tool calls", "tool-input"]
  };
  function arrivals(exchange, total) {
    const { report } = exchange;
    const chunks = exchange.arrivals.filter(([when]) => when !== null);
    const characters = chunks.reduce((sum, [, , size]) => sum + size, 0);
    if (!characters || chunks.length < 2) return null;
    const output = report.measures.output_tokens;
    const each = output ? output / characters : 1;
    const { first_tool_call: call } = report.timing;
    const ttft = report.timing.ttft ?? 0;
    const late = ttft > 3 * (total - ttft);
    return chart({
      title: output ? "Output tokens over time" : "Output characters over time",
      about: `${pluralize(chunks.length, "chunk")}. ${output ? "The server doesn’t say how many tokens a chunk holds: they are assigned by characters. " : ""}${late ? `The ${SHOW.seconds(ttft)} before the first token are left out.` : "The shaded time is prompt processing."}`,
      height: 320,
      option: (look) => ({
        grid: { left: 64, right: 24, top: 24, bottom: 56 },
        tooltip: tooltip(
          look,
          ([item]) => [
            SHOW.seconds(item.value[0]),
            `${SHOW.count(Math.round(item.value[1]))} ${output ? "tokens" : "characters"} so far`
          ],
          { trigger: "axis", axisPointer: { lineStyle: { color: look.soft } } }
        ),
        legend: {
          show: runs(chunks).size > 1,
          top: 0,
          right: 24,
          textStyle: { color: look.soft },
          icon: "roundRect",
          itemHeight: 4
        },
        xAxis: axis(look, "Seconds since the request went out", {
          type: "value",
          min: late ? ttft : 0,
          max: total,
          axisLabel: {
            color: look.soft,
            fontSize: 12,
            hideOverlap: true,
            showMaxLabel: false,
            formatter: (value) => Number(value.toFixed(3)).toString()
          }
        }),
        yAxis: axis(look, output ? "Tokens" : "Characters", { type: "value", nameGap: 44 }),
        series: [...curves(chunks, each, look), ...marks(look, late ? null : ttft, call)]
      })
    });
  }
  function runs(chunks) {
    return new Set(chunks.map(([, what]) => what));
  }
  function curves(chunks, each, look) {
    const series = /* @__PURE__ */ new Map();
    let sum = 0;
    let last = null;
    if (chunks.length) series.set(chunks[0][1], [[chunks[0][0], 0]]);
    for (const [when, what, size] of chunks) {
      if (!series.has(what)) series.set(what, []);
      const points = series.get(what);
      if (last !== null && last !== what) points.push([when, null], [when, sum * each]);
      points.push([when, (sum += size) * each]);
      last = what;
    }
    return [...series].map(([what, data]) => {
      const [name, colour] = CONTENTS[what] ?? CONTENTS.text;
      return {
        type: "line",
        name,
        data,
        step: "end",
        showSymbol: false,
        lineStyle: { width: 2, color: look.colour(colour) },
        itemStyle: { color: look.colour(colour) },
        areaStyle: { color: look.colour(colour), opacity: 0.12 }
      };
    });
  }
  function marks(look, ttft, call) {
    const areas = ttft === null ? [] : [[{ xAxis: 0, itemStyle: { color: look.line, opacity: 0.5 } }, { xAxis: ttft }]];
    const moments = call === null ? [] : [{ xAxis: call, name: "first tool call complete" }];
    return [
      {
        type: "line",
        data: [],
        silent: true,
        markArea: { silent: true, data: areas },
        markLine: {
          silent: true,
          symbol: "none",
          lineStyle: { color: look.accent, type: "dashed" },
          label: { formatter: ({ name }) => name, color: look.soft, position: "insideEndTop" },
          data: moments
        }
      }
    ];
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

  // src/page/scales.js
  function textColour(rgb) {
    const [red, green, blue] = (rgb.match(/[\d.]+/g) ?? []).map(Number);
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#1d1b19" : "#ffffff";
  }

  // src/exchange/tokens.js
  var SECTIONS = { system: "System prompt", tools: "Tool definitions", messages: "Messages" };
  function tokensSection(exchange, prefix) {
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
        h("div", {}, systemTable(report), messagesTable(report))
      ),
      h("p", { class: "note" }, countNote(report))
    );
  }
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
          h("small", {}, figure(report, `tokens.percent.${name}`, "percent"))
        )
      );
    }
    return h("div", { class: "shares" }, strip, legend);
  }
  function countNote(report) {
    const { counter, estimate, reported, difference, unknown, recorded } = report.tokens;
    const counts = `Counted by ${counter}${estimate ? ", an estimate" : ""}.`;
    if (unknown.length) {
      const server = reported ? ` The server reported ${SHOW.tokens(reported.total)} in all.` : "";
      const missing = `Not in this record, or not all of it: ${unknown.join(", ")}. Shares are unknown.`;
      return `${counts} ${missing} ${SHOW.tokens(recorded)} tokens are in it.${server}`;
    }
    if (!reported || difference === null) return `${counts} The server reported no input tokens.`;
    const sign2 = difference > 0 ? "+" : "";
    return `${counts} The server reported ${SHOW.tokens(reported.total)}: counted minus reported is ${sign2}${SHOW.tokens(difference)} (${sign2}${(100 * difference / reported.total).toFixed(1)}%), because of the chat template and another tokenizer.`;
  }
  function tokenMap(exchange, prefix) {
    const parts = partsOf(exchange.parts);
    return parts.some((part) => part.tokens) && partsMap({
      title: "Every part of the request",
      about: `Each tile is one part of the request, as large as its tokens.${exchange.raw ? " Click one to read it." : ""}`,
      parts: () => parts,
      go: (place) => {
        if (exchange.raw) goTo(`${prefix}${place + 1}`);
      }
    });
  }
  function partsMap({ title, about, parts, go }) {
    return chart({
      title,
      about,
      height: 420,
      onclick: ({ data }) => {
        if (data.place !== void 0) go(data.place);
      },
      option: (look) => {
        const total = parts().reduce((sum, part) => sum + (part.tokens ?? 0), 0);
        return {
          tooltip: tooltip(look, ({ data, value }) => [
            data.name,
            `${SHOW.tokens(value)} tokens, ${(100 * value / total).toFixed(1)}%`
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
                formatter: ({ data, value }) => `${data.name}
${SHOW.tokens(value)}`
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
                    formatter: ({ data, value }) => `${data.name}  ${SHOW.tokens(value)}`
                  }
                },
                { itemStyle: { gapWidth: 1 } }
              ],
              data: groupBySection(parts(), total, look)
            }
          ]
        };
      }
    });
  }
  function groupBySection(parts, total, look) {
    const tile = (part, place) => {
      const kind = KINDS[part.kind] ?? KINDS.other;
      const colour = look.colour(part.server ? "mcp" : kind.colour);
      const number = part.kind === "system" ? ` ${part.index + 1}` : "";
      return {
        name: plain(
          part.kind === "tool" ? part.name ?? "?" : `${kind.name}${number}${part.name ? ` ${part.name}` : ""}`
        ),
        value: part.tokens ?? 0,
        place,
        itemStyle: { color: colour },
        label: { color: textColour(colour), show: (part.tokens ?? 0) > 0.012 * total * Math.max(1, 1e3 / look.width) }
      };
    };
    const leaves = parts.map((part, place) => ({ part, tile: tile(part, place) })).filter(({ tile: tile2 }) => tile2.value > 0);
    return Object.entries(SECTIONS).map(([name, title]) => {
      const own = leaves.filter(({ part }) => (part.kind === "tool" ? "tools" : part.section) === name);
      const servers = Map.groupBy(
        own.filter(({ part }) => part.server),
        ({ part }) => part.server
      );
      const children = own.filter(({ part }) => !part.server).map(({ tile: tile2 }) => tile2);
      for (const [server, tools] of servers)
        children.push({
          name: plain(`MCP ${server}`),
          children: tools.map(({ tile: tile2 }) => tile2),
          itemStyle: { color: look.colour("mcp") }
        });
      return { name: title, children, itemStyle: { color: look.paper, borderColor: look.paper } };
    }).filter((group) => group.children.length);
  }
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
          { title: "Share", number: true, cell: (tool) => figure(report, `tools.${tool.place}.percent`, "percent") }
        ],
        order
      )
    ];
  }
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
              h("small", { class: "start" }, ` ${preview(block.start).slice(0, 60)}`)
            ]
          },
          { title: "", cell: (block) => bar(block.tokens / most, "system") },
          {
            title: "Tokens",
            number: true,
            cell: (block) => figure(report, `system.${report.system.indexOf(block)}.tokens`, "tokens")
          },
          {
            title: "Share",
            number: true,
            cell: (block) => figure(report, `system.${report.system.indexOf(block)}.percent`, "percent")
          }
        ],
        report.system
      )
    ];
  }
  function messagesTable(report) {
    if (!report.messages.length) return null;
    const most = Math.max(...report.messages.map((row) => row.tokens));
    return [
      h("h3", {}, "Messages by kind"),
      table(
        [
          {
            title: "Kind",
            cell: (row) => [(KINDS[row.kind] ?? KINDS.other).name, row.name && h("small", {}, ` ${row.name}`)]
          },
          { title: "", cell: (row) => bar(row.tokens / most, (KINDS[row.kind] ?? KINDS.other).colour) },
          { title: "Parts", number: true, cell: (row) => SHOW.count(row.parts) },
          {
            title: "Tokens",
            number: true,
            cell: (row) => figure(report, `messages.${report.messages.indexOf(row)}.tokens`, "tokens")
          },
          {
            title: "Share",
            number: true,
            cell: (row) => figure(report, `messages.${report.messages.indexOf(row)}.percent`, "percent")
          }
        ],
        report.messages
      )
    ];
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

  // node_modules/diff/libesm/diff/base.js
  var Diff = class {
    diff(oldStr, newStr, options = {}) {
      let callback;
      if (typeof options === "function") {
        callback = options;
        options = {};
      } else if ("callback" in options) {
        callback = options.callback;
      }
      const oldString = this.castInput(oldStr, options);
      const newString = this.castInput(newStr, options);
      const oldTokens = this.removeEmpty(this.tokenize(oldString, options));
      const newTokens = this.removeEmpty(this.tokenize(newString, options));
      return this.diffWithOptionsObj(oldTokens, newTokens, options, callback);
    }
    diffWithOptionsObj(oldTokens, newTokens, options, callback) {
      var _a2;
      const done = (value) => {
        value = this.postProcess(value, options);
        if (callback) {
          setTimeout(function() {
            callback(value);
          }, 0);
          return void 0;
        } else {
          return value;
        }
      };
      const newLen = newTokens.length, oldLen = oldTokens.length;
      let editLength = 1;
      let maxEditLength = newLen + oldLen;
      if (options.maxEditLength != null) {
        maxEditLength = Math.min(maxEditLength, options.maxEditLength);
      }
      const maxExecutionTime = (_a2 = options.timeout) !== null && _a2 !== void 0 ? _a2 : Infinity;
      const abortAfterTimestamp = Date.now() + maxExecutionTime;
      const bestPath = [{ oldPos: -1, lastComponent: void 0 }];
      let newPos = this.extractCommon(bestPath[0], newTokens, oldTokens, 0, options);
      if (bestPath[0].oldPos + 1 >= oldLen && newPos + 1 >= newLen) {
        return done(this.buildValues(bestPath[0].lastComponent, newTokens, oldTokens));
      }
      let minDiagonalToConsider = -Infinity, maxDiagonalToConsider = Infinity;
      const execEditLength = () => {
        for (let diagonalPath = Math.max(minDiagonalToConsider, -editLength); diagonalPath <= Math.min(maxDiagonalToConsider, editLength); diagonalPath += 2) {
          let basePath;
          const removePath = bestPath[diagonalPath - 1], addPath = bestPath[diagonalPath + 1];
          if (removePath) {
            bestPath[diagonalPath - 1] = void 0;
          }
          let canAdd = false;
          if (addPath) {
            const addPathNewPos = addPath.oldPos - diagonalPath;
            canAdd = addPath && 0 <= addPathNewPos && addPathNewPos < newLen;
          }
          const canRemove = removePath && removePath.oldPos + 1 < oldLen;
          if (!canAdd && !canRemove) {
            bestPath[diagonalPath] = void 0;
            continue;
          }
          if (!canRemove || canAdd && removePath.oldPos < addPath.oldPos) {
            basePath = this.addToPath(addPath, true, false, 0, options);
          } else {
            basePath = this.addToPath(removePath, false, true, 1, options);
          }
          newPos = this.extractCommon(basePath, newTokens, oldTokens, diagonalPath, options);
          if (basePath.oldPos + 1 >= oldLen && newPos + 1 >= newLen) {
            return done(this.buildValues(basePath.lastComponent, newTokens, oldTokens)) || true;
          } else {
            bestPath[diagonalPath] = basePath;
            if (basePath.oldPos + 1 >= oldLen) {
              maxDiagonalToConsider = Math.min(maxDiagonalToConsider, diagonalPath - 1);
            }
            if (newPos + 1 >= newLen) {
              minDiagonalToConsider = Math.max(minDiagonalToConsider, diagonalPath + 1);
            }
          }
        }
        editLength++;
      };
      if (callback) {
        (function exec() {
          setTimeout(function() {
            if (editLength > maxEditLength || Date.now() > abortAfterTimestamp) {
              return callback(void 0);
            }
            if (!execEditLength()) {
              exec();
            }
          }, 0);
        })();
      } else {
        while (editLength <= maxEditLength && Date.now() <= abortAfterTimestamp) {
          const ret = execEditLength();
          if (ret) {
            return ret;
          }
        }
      }
    }
    addToPath(path, added, removed, oldPosInc, options) {
      const last = path.lastComponent;
      if (last && !options.oneChangePerToken && last.added === added && last.removed === removed) {
        return {
          oldPos: path.oldPos + oldPosInc,
          lastComponent: { count: last.count + 1, added, removed, previousComponent: last.previousComponent }
        };
      } else {
        return {
          oldPos: path.oldPos + oldPosInc,
          lastComponent: { count: 1, added, removed, previousComponent: last }
        };
      }
    }
    extractCommon(basePath, newTokens, oldTokens, diagonalPath, options) {
      const newLen = newTokens.length, oldLen = oldTokens.length;
      let oldPos = basePath.oldPos, newPos = oldPos - diagonalPath, commonCount = 0;
      while (newPos + 1 < newLen && oldPos + 1 < oldLen && this.equals(oldTokens[oldPos + 1], newTokens[newPos + 1], options)) {
        newPos++;
        oldPos++;
        commonCount++;
        if (options.oneChangePerToken) {
          basePath.lastComponent = { count: 1, previousComponent: basePath.lastComponent, added: false, removed: false };
        }
      }
      if (commonCount && !options.oneChangePerToken) {
        basePath.lastComponent = { count: commonCount, previousComponent: basePath.lastComponent, added: false, removed: false };
      }
      basePath.oldPos = oldPos;
      return newPos;
    }
    equals(left, right, options) {
      if (options.comparator) {
        return options.comparator(left, right);
      } else {
        return left === right || !!options.ignoreCase && left.toLowerCase() === right.toLowerCase();
      }
    }
    removeEmpty(array) {
      const ret = [];
      for (let i2 = 0; i2 < array.length; i2++) {
        if (array[i2]) {
          ret.push(array[i2]);
        }
      }
      return ret;
    }
    // eslint-disable-next-line @typescript-eslint/no-unused-vars
    castInput(value, options) {
      return value;
    }
    // eslint-disable-next-line @typescript-eslint/no-unused-vars
    tokenize(value, options) {
      return Array.from(value);
    }
    join(chars) {
      return chars.join("");
    }
    postProcess(changeObjects, options) {
      return changeObjects;
    }
    get useLongestToken() {
      return false;
    }
    buildValues(lastComponent, newTokens, oldTokens) {
      const components = [];
      let nextComponent;
      while (lastComponent) {
        components.push(lastComponent);
        nextComponent = lastComponent.previousComponent;
        delete lastComponent.previousComponent;
        lastComponent = nextComponent;
      }
      components.reverse();
      const componentLen = components.length;
      let componentPos = 0, newPos = 0, oldPos = 0;
      for (; componentPos < componentLen; componentPos++) {
        const component = components[componentPos];
        if (!component.removed) {
          if (!component.added && this.useLongestToken) {
            let value = newTokens.slice(newPos, newPos + component.count);
            value = value.map(function(value2, i2) {
              const oldValue = oldTokens[oldPos + i2];
              return oldValue.length > value2.length ? oldValue : value2;
            });
            component.value = this.join(value);
          } else {
            component.value = this.join(newTokens.slice(newPos, newPos + component.count));
          }
          newPos += component.count;
          if (!component.added) {
            oldPos += component.count;
          }
        } else {
          component.value = this.join(oldTokens.slice(oldPos, oldPos + component.count));
          oldPos += component.count;
        }
      }
      return components;
    }
  };

  // node_modules/diff/libesm/util/string.js
  function longestCommonPrefix(str1, str2) {
    let i2;
    for (i2 = 0; i2 < str1.length && i2 < str2.length; i2++) {
      if (str1[i2] != str2[i2]) {
        return str1.slice(0, i2);
      }
    }
    return str1.slice(0, i2);
  }
  function longestCommonSuffix(str1, str2) {
    let i2;
    if (!str1 || !str2 || str1[str1.length - 1] != str2[str2.length - 1]) {
      return "";
    }
    for (i2 = 0; i2 < str1.length && i2 < str2.length; i2++) {
      if (str1[str1.length - (i2 + 1)] != str2[str2.length - (i2 + 1)]) {
        return str1.slice(-i2);
      }
    }
    return str1.slice(-i2);
  }
  function replacePrefix(string, oldPrefix, newPrefix) {
    if (string.slice(0, oldPrefix.length) != oldPrefix) {
      throw Error(`string ${JSON.stringify(string)} doesn't start with prefix ${JSON.stringify(oldPrefix)}; this is a bug`);
    }
    return newPrefix + string.slice(oldPrefix.length);
  }
  function replaceSuffix(string, oldSuffix, newSuffix) {
    if (!oldSuffix) {
      return string + newSuffix;
    }
    if (string.slice(-oldSuffix.length) != oldSuffix) {
      throw Error(`string ${JSON.stringify(string)} doesn't end with suffix ${JSON.stringify(oldSuffix)}; this is a bug`);
    }
    return string.slice(0, -oldSuffix.length) + newSuffix;
  }
  function removePrefix(string, oldPrefix) {
    return replacePrefix(string, oldPrefix, "");
  }
  function removeSuffix(string, oldSuffix) {
    return replaceSuffix(string, oldSuffix, "");
  }
  function maximumOverlap(string1, string2) {
    return string2.slice(0, overlapCount(string1, string2));
  }
  function overlapCount(a, b) {
    let startA = 0;
    if (a.length > b.length) {
      startA = a.length - b.length;
    }
    let endB = b.length;
    if (a.length < b.length) {
      endB = a.length;
    }
    const map = Array(endB);
    let k = 0;
    map[0] = 0;
    for (let j = 1; j < endB; j++) {
      if (b[j] == b[k]) {
        map[j] = map[k];
      } else {
        map[j] = k;
      }
      while (k > 0 && b[j] != b[k]) {
        k = map[k];
      }
      if (b[j] == b[k]) {
        k++;
      }
    }
    k = 0;
    for (let i2 = startA; i2 < a.length; i2++) {
      while (k > 0 && a[i2] != b[k]) {
        k = map[k];
      }
      if (a[i2] == b[k]) {
        k++;
      }
    }
    return k;
  }
  function segment(string, segmenter) {
    const parts = [];
    for (const segmentObj of Array.from(segmenter.segment(string))) {
      const segment2 = segmentObj.segment;
      if (parts.length && /\s/.test(parts[parts.length - 1]) && /\s/.test(segment2)) {
        parts[parts.length - 1] += segment2;
      } else {
        parts.push(segment2);
      }
    }
    return parts;
  }
  function trailingWs(string, segmenter) {
    if (segmenter) {
      return leadingAndTrailingWs(string, segmenter)[1];
    }
    let i2;
    for (i2 = string.length - 1; i2 >= 0; i2--) {
      if (!string[i2].match(/\s/)) {
        break;
      }
    }
    return string.substring(i2 + 1);
  }
  function leadingWs(string, segmenter) {
    if (segmenter) {
      return leadingAndTrailingWs(string, segmenter)[0];
    }
    const match = string.match(/^\s*/);
    return match ? match[0] : "";
  }
  function leadingAndTrailingWs(string, segmenter) {
    if (!segmenter) {
      return [leadingWs(string), trailingWs(string)];
    }
    if (segmenter.resolvedOptions().granularity != "word") {
      throw new Error('The segmenter passed must have a granularity of "word"');
    }
    const segments = segment(string, segmenter);
    const firstSeg = segments[0];
    const lastSeg = segments[segments.length - 1];
    const head = /\s/.test(firstSeg) ? firstSeg : "";
    const tail = /\s/.test(lastSeg) ? lastSeg : "";
    return [head, tail];
  }

  // node_modules/diff/libesm/diff/word.js
  var extendedWordChars = "a-zA-Z0-9_\\u{AD}\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2C6}\\u{2C8}-\\u{2D7}\\u{2DE}-\\u{2FF}\\u{1E00}-\\u{1EFF}";
  var tokenizeIncludingWhitespace = new RegExp(`[${extendedWordChars}]+|\\s+|[^${extendedWordChars}]`, "ug");
  var WordDiff = class extends Diff {
    equals(left, right, options) {
      if (options.ignoreCase) {
        left = left.toLowerCase();
        right = right.toLowerCase();
      }
      return left.trim() === right.trim();
    }
    tokenize(value, options = {}) {
      let parts;
      if (options.intlSegmenter) {
        const segmenter = options.intlSegmenter;
        if (segmenter.resolvedOptions().granularity != "word") {
          throw new Error('The segmenter passed must have a granularity of "word"');
        }
        parts = segment(value, segmenter);
      } else {
        parts = value.match(tokenizeIncludingWhitespace) || [];
      }
      const tokens = [];
      let prevPart = null;
      parts.forEach((part) => {
        if (/\s/.test(part)) {
          if (prevPart == null) {
            tokens.push(part);
          } else {
            tokens.push(tokens.pop() + part);
          }
        } else if (prevPart != null && /\s/.test(prevPart)) {
          if (tokens[tokens.length - 1] == prevPart) {
            tokens.push(tokens.pop() + part);
          } else {
            tokens.push(prevPart + part);
          }
        } else {
          tokens.push(part);
        }
        prevPart = part;
      });
      return tokens;
    }
    join(tokens) {
      return tokens.map((token, i2) => {
        if (i2 == 0) {
          return token;
        } else {
          return token.replace(/^\s+/, "");
        }
      }).join("");
    }
    postProcess(changes2, options) {
      if (!changes2 || options.oneChangePerToken) {
        return changes2;
      }
      let lastKeep = null;
      let insertion = null;
      let deletion = null;
      changes2.forEach((change) => {
        if (change.added) {
          insertion = change;
        } else if (change.removed) {
          deletion = change;
        } else {
          if (insertion || deletion) {
            dedupeWhitespaceInChangeObjects(lastKeep, deletion, insertion, change, options.intlSegmenter);
          }
          lastKeep = change;
          insertion = null;
          deletion = null;
        }
      });
      if (insertion || deletion) {
        dedupeWhitespaceInChangeObjects(lastKeep, deletion, insertion, null, options.intlSegmenter);
      }
      return changes2;
    }
  };
  var wordDiff = new WordDiff();
  function dedupeWhitespaceInChangeObjects(startKeep, deletion, insertion, endKeep, segmenter) {
    if (deletion && insertion) {
      const [oldWsPrefix, oldWsSuffix] = leadingAndTrailingWs(deletion.value, segmenter);
      const [newWsPrefix, newWsSuffix] = leadingAndTrailingWs(insertion.value, segmenter);
      if (startKeep) {
        const commonWsPrefix = longestCommonPrefix(oldWsPrefix, newWsPrefix);
        startKeep.value = replaceSuffix(startKeep.value, newWsPrefix, commonWsPrefix);
        deletion.value = removePrefix(deletion.value, commonWsPrefix);
        insertion.value = removePrefix(insertion.value, commonWsPrefix);
      }
      if (endKeep) {
        const commonWsSuffix = longestCommonSuffix(oldWsSuffix, newWsSuffix);
        endKeep.value = replacePrefix(endKeep.value, newWsSuffix, commonWsSuffix);
        deletion.value = removeSuffix(deletion.value, commonWsSuffix);
        insertion.value = removeSuffix(insertion.value, commonWsSuffix);
      }
    } else if (insertion) {
      if (startKeep) {
        const ws = leadingWs(insertion.value, segmenter);
        insertion.value = insertion.value.substring(ws.length);
      }
      if (endKeep) {
        const ws = leadingWs(endKeep.value, segmenter);
        endKeep.value = endKeep.value.substring(ws.length);
      }
    } else if (startKeep && endKeep) {
      const newWsFull = leadingWs(endKeep.value, segmenter), [delWsStart, delWsEnd] = leadingAndTrailingWs(deletion.value, segmenter);
      const newWsStart = longestCommonPrefix(newWsFull, delWsStart);
      deletion.value = removePrefix(deletion.value, newWsStart);
      const newWsEnd = longestCommonSuffix(removePrefix(newWsFull, newWsStart), delWsEnd);
      deletion.value = removeSuffix(deletion.value, newWsEnd);
      endKeep.value = replacePrefix(endKeep.value, newWsFull, newWsEnd);
      startKeep.value = replaceSuffix(startKeep.value, newWsFull, newWsFull.slice(0, newWsFull.length - newWsEnd.length));
    } else if (endKeep) {
      const endKeepWsPrefix = leadingWs(endKeep.value, segmenter);
      const deletionWsSuffix = trailingWs(deletion.value, segmenter);
      const overlap = maximumOverlap(deletionWsSuffix, endKeepWsPrefix);
      deletion.value = removeSuffix(deletion.value, overlap);
    } else if (startKeep) {
      const startKeepWsSuffix = trailingWs(startKeep.value, segmenter);
      const deletionWsPrefix = leadingWs(deletion.value, segmenter);
      const overlap = maximumOverlap(startKeepWsSuffix, deletionWsPrefix);
      deletion.value = removePrefix(deletion.value, overlap);
    }
  }
  var WordsWithSpaceDiff = class extends Diff {
    tokenize(value) {
      const regex = new RegExp(`(\\r?\\n)|[${extendedWordChars}]+|[^\\S\\n\\r]+|[^${extendedWordChars}]`, "ug");
      return value.match(regex) || [];
    }
  };
  var wordsWithSpaceDiff = new WordsWithSpaceDiff();
  function diffWordsWithSpace(oldStr, newStr, options) {
    return wordsWithSpaceDiff.diff(oldStr, newStr, options);
  }

  // node_modules/diff/libesm/diff/line.js
  var LineDiff = class extends Diff {
    constructor() {
      super(...arguments);
      this.tokenize = tokenize;
    }
    equals(left, right, options) {
      if (options.ignoreWhitespace) {
        if (!options.newlineIsToken || !left.includes("\n")) {
          left = left.trim();
        }
        if (!options.newlineIsToken || !right.includes("\n")) {
          right = right.trim();
        }
      } else if (options.ignoreNewlineAtEof && !options.newlineIsToken) {
        if (left.endsWith("\n")) {
          left = left.slice(0, -1);
        }
        if (right.endsWith("\n")) {
          right = right.slice(0, -1);
        }
      }
      return super.equals(left, right, options);
    }
  };
  var lineDiff = new LineDiff();
  function diffLines(oldStr, newStr, options) {
    return lineDiff.diff(oldStr, newStr, options);
  }
  function tokenize(value, options) {
    if (options.stripTrailingCr) {
      value = value.replace(/\r\n/g, "\n");
    }
    const retLines = [], linesAndNewlines = value.split(/(\n|\r\n)/);
    if (!linesAndNewlines[linesAndNewlines.length - 1]) {
      linesAndNewlines.pop();
    }
    for (let i2 = 0; i2 < linesAndNewlines.length; i2++) {
      const line = linesAndNewlines[i2];
      if (i2 % 2 && !options.newlineIsToken) {
        retLines[retLines.length - 1] += line;
      } else {
        retLines.push(line);
      }
    }
    return retLines;
  }

  // node_modules/diff/libesm/diff/array.js
  var ArrayDiff = class extends Diff {
    tokenize(value) {
      return value.slice();
    }
    join(value) {
      return value;
    }
    removeEmpty(value) {
      return value;
    }
  };
  var arrayDiff = new ArrayDiff();
  function diffArrays(oldArr, newArr, options) {
    return arrayDiff.diff(oldArr, newArr, options);
  }

  // src/page/changes.js
  var PATIENCE = { timeout: 800 };
  var AROUND = 120;
  var BY_WORDS = 2e4;
  function changes(before, after) {
    const pieces = diffArrays(before, after, PATIENCE);
    if (!pieces) return [...before.map((went2) => ({ went: went2 })), ...after.map((came) => ({ came }))];
    const found2 = [];
    let went = [];
    const gone = () => found2.push(...went.splice(0).map((place) => ({ went: place })));
    for (const { value, added, removed } of pieces) {
      if (removed) went = [...value];
      else if (!added) {
        gone();
        found2.push({ same: value });
      } else
        for (const came of value) {
          const pair = went.findIndex((place) => samePlace(DATA.parts[place], DATA.parts[came]));
          if (pair < 0) found2.push({ came });
          else {
            found2.push(...went.splice(0, pair).map((place) => ({ went: place })));
            found2.push({ changed: { before: went[0], after: came } });
            went.shift();
          }
        }
    }
    gone();
    return found2;
  }
  function samePlace(one, other) {
    if (one.section !== other.section || one.kind !== other.kind || one.name !== other.name) return false;
    return one.section === "messages" ? similar(textOf(one), textOf(other)) : one.section === "tools" || one.index === other.index;
  }
  function changedFold(before, after, id) {
    const details = partFold(after, id, false);
    const inside = (
      /** @type {HTMLElement} */
      details.querySelector(".inside")
    );
    const [old, now] = [readable(before, textOf(before)), readable(after, textOf(after))];
    details.classList.add("changed");
    details.querySelector(".kind")?.append(h("b", {}, " changed"));
    details.ensure = () => {
      if (!inside.hasChildNodes())
        inside.append(
          copyButton("Copy", () => textOf(after)),
          h("div", { class: "text", dir: "auto" }, textDiff(old, now))
        );
      return inside;
    };
    const showing = (text) => (pattern) => {
      if (pattern) reveal(details);
      const body = (
        /** @type {HTMLElement} */
        details.ensure().querySelector(".text")
      );
      if (pattern) putText(body, text, pattern);
      else body.replaceChildren(...h("div", {}, textDiff(old, now)).childNodes);
      return body;
    };
    details.show = showing(now);
    details.showBefore = showing(old);
    return details;
  }
  function textDiff(old, now) {
    const long = old.length + now.length > BY_WORDS;
    const found2 = long ? diffLines(old, now, PATIENCE) : diffWordsWithSpace(old, now, PATIENCE);
    const pieces = found2 ?? [
      { value: old, removed: true },
      { value: now, added: true }
    ];
    return pieces.map(({ value, added, removed }, place) => {
      if (added) return h("ins", {}, value);
      if (removed) return h("del", {}, value);
      return shorten(value, place > 0, place < pieces.length - 1);
    });
  }
  function shorten(text, behind, ahead) {
    const [start, end] = [behind ? AROUND : 0, ahead ? AROUND : 0];
    if (text.length <= start + end + 60) return text;
    const left = text.length - start - end;
    return [
      text.slice(0, start),
      h("span", { class: "left-out" }, ` … ${pluralize(left, "character")} as before … `),
      end ? text.slice(-end) : ""
    ];
  }
  function changeFold({ same, came, went, changed }, id, add = (each) => each) {
    if (same) {
      const tokens = same.reduce((sum, place) => sum + (DATA.parts[place].tokens ?? 0), 0);
      return h("p", { class: "same" }, `${pluralize(same.length, "part")} as before, ${SHOW.tokens(tokens)} tokens`);
    }
    if (changed) return add(changedFold(DATA.parts[changed.before], DATA.parts[changed.after], id), changed.after);
    const each = partFold(DATA.parts[came ?? went ?? 0], id, false);
    each.classList.add(came === void 0 ? "went" : "came");
    if (came === void 0) each.querySelector(".kind")?.append(h("b", {}, " removed"));
    return came === void 0 ? each : add(each, came);
  }

  // src/exchange/upstream.js
  var TIMES = [
    ["headers", "Headers"],
    ["ttft", "Time to First Token"],
    ["total", "Total time"]
  ];
  function upstreamSection({ report, parts, upstream }) {
    const changed = report.upstream;
    if (!changed || !upstream) return null;
    return section(
      "way",
      "On the way",
      "What the server got and sent, where the proxy changed it",
      changed.error && h("p", { class: "alarm" }, changed.error.message),
      h(
        "ul",
        {},
        changed.changes.filter(Boolean).map((words) => h("li", {}, words))
      ),
      table(
        [
          { title: "Time", cell: ([, name]) => name },
          {
            title: "From the server",
            number: true,
            cell: ([key]) => figure(report, `upstream.timing.${key}`, "seconds")
          },
          { title: "At the client", number: true, cell: ([key]) => figure(report, `timing.${key}`, "seconds") }
        ],
        TIMES
      ),
      DATA.shared !== "numbers" && [
        h("h3", {}, "The request: as the client sent it, and as the server got it"),
        h(
          "div",
          { class: "conversation changes" },
          changes(placesOf(parts), placesOf(upstream.parts)).map(
            (change, at) => changeFold(change, `way-part-${at + 1}`)
          )
        )
      ],
      upstream.raw && [h("h3", {}, "Raw, at the server’s side"), ...rawFolds(upstream.raw, "way-")]
    );
  }

  // src/trace.js
  function tracePage() {
    const [exchange] = (
      /** @type {Data.TracePage} */
      DATA.exchanges
    );
    const { report } = exchange;
    const { measures } = report;
    frame(
      {
        kind: "Trace",
        title: report.model ?? "unknown model",
        lead: [
          badge(report.state, report.state),
          badge(report.request_type),
          report.tools_used.map((name) => badge(name, "plain"))
        ],
        facts: [
          report.timestamp.replace("T", " ").replace(/\.\d+Z$/, " UTC"),
          report.mode,
          report.stop_reason && `stop reason ${report.stop_reason}`,
          report.ids.session && `session ${report.ids.session.slice(0, 8)}`
        ].filter(Boolean).join("  ·  ")
      },
      h(
        "section",
        { id: "overview", "data-name": "Overview" },
        report.error && h("p", { class: "alarm" }, h("b", {}, report.error.kind.replaceAll("_", " ")), ` ${report.error.message}`),
        tiles(
          ...inputTiles(report),
          {
            name: "Time to First Token",
            value: figure(report, "timing.ttft", "seconds"),
            note: measures.prefill_speed && [figure(report, "measures.prefill_speed", "speed"), " tokens/s prefill"]
          },
          {
            name: "Decode Speed",
            value: figure(report, "measures.generation_speed", "speed"),
            unit: "tokens/s",
            note: measures.generation_speed && measures.generation_estimated && "an estimate"
          },
          {
            name: "Output",
            value: figure(report, "measures.output_tokens", "tokens"),
            unit: "tokens",
            note: measures.output_counted ? "counted here" : "the server’s count"
          },
          { name: "Total time", value: figure(report, "timing.total", "seconds") }
        )
      ),
      tokensSection(exchange, "part-"),
      timingSection(exchange, ""),
      conversationSection(exchange),
      upstreamSection(exchange),
      exchange.raw && rawSection(exchange.raw, "")
    );
  }
  function inputTiles(report) {
    const { reported } = report.tokens;
    const window = report.tokens.context_percent !== null && [
      figure(report, "tokens.context_percent", "percent"),
      " of the context window"
    ];
    if (!reported)
      return [
        {
          name: "Input",
          value: figure(report, "tokens.total", "tokens"),
          unit: "tokens",
          note: window || "counted here"
        }
      ];
    return [
      {
        name: "Input",
        value: figure(report, "tokens.reported.total", "tokens"),
        unit: "tokens",
        note: window || "the server’s count"
      },
      reported.cache_read !== null && {
        name: "From the cache",
        value: figure(report, "tokens.reported.cache_read", "tokens"),
        unit: "tokens",
        note: `${(100 * reported.cache_read / reported.total).toFixed(0)}% of the input`
      }
    ];
  }
  function conversationSection(exchange) {
    const parts = partsOf(exchange.parts);
    const answer = partsOf(exchange.answer);
    if (DATA.shared === "numbers") return null;
    return section(
      "conversation",
      "Conversation",
      "What was sent, and what came back",
      conversation(parts, "part-"),
      answer.length > 0 && h("div", { class: "answer" }, h("h3", {}, "The answer"), conversation(answer, "answer-", { open: true }))
    );
  }
  begin2(tracePage);
})();
