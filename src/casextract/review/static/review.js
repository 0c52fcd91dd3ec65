"use strict";
// The review page. Text of articles only ever becomes text nodes; every change is one request, answered with the article anew.

const token = new URLSearchParams(location.search).get("token") || "";
const lang = document.documentElement.dataset.lang;
const $ = id => document.getElementById(id);
let start = null;      // names, choices and documents
let article = null;    // the document in hand
let shown = [];        // its marks that the filters leave, in the order chosen
let current = null;    // the mark or section in hand
let spansOf = new Map();

async function call(path, body) {
  const options = { headers: { "X-Token": token } };
  if (body) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options);
  const data = response.headers.get("content-type").includes("json") ? await response.json() : { error: await response.text() };
  if (!response.ok) throw Object.assign(new Error(data.error), { status: response.status });
  return data;
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "class") made.className = value;
    else if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter(c => c !== null && c !== undefined));
  return made;
}

// Characters that would act instead of showing stand as a sign; one sign a character, so that counting holds.
const ACTS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/u;
function* visible(text) {
  let plain = "";
  for (const c of text) {
    if (!ACTS.test(c)) { plain += c; continue; }
    if (plain) yield document.createTextNode(plain);
    plain = "";
    const code = "U+" + c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
    yield element("span", { class: "ctl", title: code }, "\u2426");
  }
  if (plain) yield document.createTextNode(plain);
}
const printable = text => [...visible(String(text))].map(n => n.textContent).join("");

function say(text, wrong) {
  $("said").textContent = text;
  $("said").className = wrong ? "error" : "";
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { $("said").textContent = ""; }, wrong ? 8000 : 2000);
}

const nameOf = (kind, code) => (start.choices[kind] || {})[code] || code;

// ---- the article

function drawDocuments() {
  const chosen = $("document").value;
  $("document").replaceChildren(...start.documents.map(d => element("option", { value: d.doc_id },
    printable(`${d.title || d.source_path} (${d.reviewed}/${d.indicator_count}${d.unresolved_count ? `, ${d.unresolved_count} ${start.words.unresolved}` : ""})`))));
  if (chosen) $("document").value = chosen;
  const all = start.documents.reduce((n, d) => n + d.indicator_count, 0);
  $("progress").max = Math.max(all, 1);
  $("progress").value = start.documents.reduce((n, d) => n + d.reviewed, 0);
}

function drawArticle() {
  spansOf = new Map();
  const marks = article.marks, parts = [];
  const heads = new Map();
  for (const [kind, rows] of [["case", article.cases], ["measure", article.measures]])
    for (const row of rows) heads.set(row.start, [...(heads.get(row.start) || []), [kind, row]]);
  let next = 0, open = [];
  for (const [at, text] of article.pieces) {
    for (const [kind, row] of heads.get(at) || []) parts.push(sectionHead(kind, row));
    open = open.filter(m => m.end > at);
    while (next < marks.length && marks[next].start <= at) { if (marks[next].end > at) open.push(marks[next]); next++; }
    const mark = open[open.length - 1];
    const span = element("span", { "data-at": at }, ...visible(text));
    if (mark) {
      span.className = markClass(mark);
      span.dataset.mark = mark.id;
      span.tabIndex = -1;
      span.setAttribute("role", "button");
      if (!spansOf.has(mark.id)) spansOf.set(mark.id, []);
      spansOf.get(mark.id).push(span);
    }
    parts.push(span);
  }
  const problems = article.problems.length
    ? element("details", {}, element("summary", {}, `${start.words.problems}: ${article.problems.length}`),
      element("ul", {}, ...article.problems.map(p => element("li", {}, printable(`${p.code}: ${p.message}`)))))
    : null;
  $("article").replaceChildren(...(problems ? [problems] : []), ...parts);
}

function markClass(mark) {
  const kind = mark.what === "indicator" ? mark.fields.dimension : mark.what;
  return `mark ${kind}${mark.review ? " seen" : ""}`;
}

function sectionHead(kind, row) {
  const f = row.fields;
  const place = [f.province, f.city, f.county, f.place].filter(Boolean).join(" ");
  const said = kind === "case" ? [place, f.title].filter(Boolean).join(" · ") : f.label;
  const text = `${start.words[kind]}${row.implicit ? ` (${start.words.implicit})` : ""} ${printable(said || "")}`;
  return element("button", { type: "button", class: `section ${kind}`, "data-section": row.id, "data-kind": kind }, text);
}

function fillFilters() {
  const indicators = article.marks.filter(m => m.what === "indicator");
  const fill = (id, values) => {
    const select = $(id), first = select.options[0], chosen = select.value;
    select.replaceChildren(first, ...[...values].map(([v, text]) => element("option", { value: v }, printable(text))));
    select.value = [...select.options].some(o => o.value === chosen) ? chosen : "";
  };
  const unique = (values, kind) => new Map([...new Set(values)].sort().map(v => [v, kind ? nameOf(kind, v) : v]));
  fill("metric", unique(indicators.map(m => m.fields.metric), "metric"));
  fill("status", unique(indicators.map(m => m.fields.status), "status"));
  fill("rule", unique(article.marks.map(m => m.rule_id).filter(Boolean)));
  fill("place", unique(article.cases.map(placeOf).filter(Boolean)));
  fill("topic", new Map([...new Set(article.cases.flatMap(c => c.fields.topics))].map(t => [t, start.topics[t] || t])));
}

const placeOf = c => c.fields.county || c.fields.city || c.fields.province;
const caseOf = mark => article.cases.find(c => c.start <= mark.start && mark.start < c.end);

function filter() {
  const want = id => $(id).value, words = want("search").trim();
  const fits = m => {
    const only = want("only"), own = caseOf(m);
    return (!only || (only === "open" ? m.what !== "set_aside" && !m.review : only === "reviewed" ? m.review : m.what === only))
      && (!want("metric") || m.fields.metric === want("metric")) && (!want("status") || m.fields.status === want("status"))
      && (!want("rule") || m.rule_id === want("rule")) && (!want("place") || (own && placeOf(own) === want("place")))
      && (!want("topic") || (own && own.fields.topics.includes(want("topic"))))
      && (!words || m.sentence.includes(words) || (m.fields.subject || "").includes(words));
  };
  shown = article.marks.filter(fits);
  const ids = new Set(shown.map(m => m.id));
  for (const [id, spans] of spansOf) for (const span of spans) span.classList.toggle("dim", !ids.has(id));
  if (want("order") === "doubt") shown.sort((a, b) => b.doubt - a.doubt || a.start - b.start);
  if (!shown.length) say(start.words.none_shown);
}

async function openDocument(id, keep) {
  article = await call(`/api/documents/${encodeURIComponent(id)}`);
  take(keep);
}

function take(keep) {
  drawArticle();
  fillFilters();
  filter();
  current = null;
  const again = keep && article.marks.find(m => m.start === keep.start);
  const section = keep && keep.kind && (keep.kind === "case" ? article.cases : article.measures).find(r => r.start === keep.start);
  if (section) pickSection(keep.kind, section);
  else if (again) pick(again, true);
  else showPanel();
}

// ---- choosing

function letGo() {
  document.querySelectorAll(".current").forEach(e => { e.classList.remove("current"); if (e.dataset.mark) e.tabIndex = -1; });
}

function pick(mark, stay) {
  letGo();
  current = mark;
  const spans = spansOf.get(mark.id) || [];
  spans.forEach(s => s.classList.add("current"));
  if (spans[0]) {
    spans[0].tabIndex = 0;
    if (!stay) spans[0].focus({ preventScroll: true });
    spans[0].scrollIntoView({ block: "nearest" });
  }
  showPanel();
}

function pickSection(kind, row) {
  letGo();
  current = { ...row, kind };
  const head = document.querySelector(`[data-section="${CSS.escape(row.id)}"]`);
  if (head) head.classList.add("current");
  showPanel();
}

function step(by, wanted = m => m.what !== "set_aside" || $("only").value) {
  const marks = shown.filter(wanted);
  if (!marks.length) return say(start.words.none_shown);
  const at = current ? marks.findIndex(m => m.id === current.id) : -1;
  let to = at + by;
  if (at < 0 && current) {
    const behind = marks.findIndex(m => m.start > current.start);
    to = by > 0 ? (behind < 0 ? 0 : behind) : (behind < 0 ? marks.length : behind) - 1;
  } else if (at < 0) to = by > 0 ? 0 : marks.length - 1;
  pick(marks[(to + marks.length) % marks.length]);
}

function selectionSpan() {
  const chosen = getSelection();
  if (!chosen.rangeCount || chosen.isCollapsed) return null;
  const range = chosen.getRangeAt(0);
  const from = offsetOf(range.startContainer, range.startOffset), to = offsetOf(range.endContainer, range.endOffset);
  return from === null || to === null || from >= to ? null : { start: from, end: to };
}

function offsetOf(node, at) {
  const holder = (node.nodeType === 1 ? node : node.parentElement).closest("[data-at]");
  if (!holder) return null;
  const before = document.createRange();
  before.selectNodeContents(holder);
  before.setEnd(node, at);
  return Number(holder.dataset.at) + [...before.toString()].length;
}

// ---- the panel

function showPanel() {
  const panel = $("panel"), w = start.words;
  if (!current) {
    panel.replaceChildren(
      element("p", { class: "faint" }, `${w.log_at} `, element("code", {}, printable(start.log))),
      element("div", { class: "acts" }, act("missed", w.missed), act("open_case", w.open_case), act("open_measure", w.open_measure)),
      element("h2", {}, w.history),
      element("ul", {}, ...article.log.map(c => element("li", {}, printable(logLine(c))))));
    return;
  }
  if (current.kind) return showSection(panel, w);
  const mark = current, indicator = mark.what === "indicator";
  const state = mark.review ? element("p", { class: "faint" }, w[`state_${mark.review}`]) : null;
  const acts = indicator
    ? [act("accept", w.accept, "main"), act("edit", w.edit), act("reject", w.reject)]
    : [act("take", w.missed, "main")];
  panel.replaceChildren(
    quote(mark), ...(state ? [state] : []), element("div", { class: "acts" }, ...acts),
    ...(indicator ? [fieldsForm(mark, "indicator")] : [element("p", {}, printable(mark.reason || w.unresolved))]),
    element("h2", {}, w.explanation), element("div", { id: "why", class: "faint" }, w.loading));
  explain(mark);
}

function showSection(panel, w) {
  panel.replaceChildren(
    element("h2", {}, w[current.kind]), fieldsForm(current, current.kind),
    element("div", { class: "acts" }, act("start_here", w.start_here), act("end_here", w.end_here), act("reject", w.close_section)),
    element("p", { class: "faint" }, element("code", {}, current.rule_id)));
}

function quote(mark) {
  const text = article.pieces.filter(([at]) => at >= mark.start && at < mark.end).map(p => p[1]).join("");
  const at = mark.sentence.indexOf(text);
  const parts = at < 0 ? [mark.sentence] : [mark.sentence.slice(0, at), text, mark.sentence.slice(at + text.length)];
  return element("p", { class: "quote" }, ...visible(parts[0]), element("b", {}, ...visible(parts[1] || "")), ...visible(parts[2] || ""));
}

const act = (name, text, kind = "") => element("button", { type: "button", "data-do": name, class: kind }, text);

function fieldsForm(row, target) {
  const form = element("form", { onsubmit: e => e.preventDefault() });
  for (const name of start.editable[target]) {
    if (!(name in row.fields)) continue;
    const changed = (row.corrected || []).includes(name);
    form.append(element("label", { for: `f-${name}`, class: changed ? "changed" : "" }, start.fields[name] || name));
    form.append(input(name, row.fields[name]));
  }
  return form;
}

function input(name, value) {
  const choices = start.choices[name];
  const attributes = { id: `f-${name}`, "data-field": name };
  if (choices) {
    const select = element("select", attributes, ...(["currency", "direction"].includes(name) ? [element("option", { value: "" }, "–")] : []),
      ...Object.entries(choices).map(([code, text]) => element("option", { value: code }, text)));
    if (value && !(value in choices)) select.append(element("option", { value }, value));
    select.value = value === null ? "" : value;
    return select;
  }
  const made = element("input", attributes);
  if (name.startsWith("period")) made.type = "date";
  made.value = Array.isArray(value) ? value.join("、") : value === null ? "" : printable(value);
  return made;
}

function valueOf(field) {
  const name = field.dataset.field, text = field.value.trim();
  if (["per", "topics"].includes(name)) return text ? text.split(/[、,,\s]+/) : [];
  if (["value", "value_high", "level"].includes(name)) {
    if (!text) return null;
    const number = Number(text.replace(/[,,]/g, ""));
    if (!Number.isFinite(number)) throw new Error(start.words.need_value);
    return number;
  }
  return text === "" ? null : text;
}

async function explain(mark) {
  try {
    const reasons = await call(`/api/documents/${encodeURIComponent(article.doc_id)}/explanation?start=${mark.start}`);
    if (current !== mark || !$("why")) return;
    const rows = reasons.map(r => {
      const examples = r.examples.length ? element("details", {}, element("summary", {}, start.words.examples),
        element("ul", {}, ...r.examples.map(e => element("li", {}, printable(e))))) : null;
      return element("tr", {}, element("td", {}, start.fields[r.role] || r.role),
        element("td", {}, printable(`${r.saw.trim()} → ${r.outcome}`), element("br"), element("code", {}, r.rule || ""), examples));
    });
    $("why").replaceChildren(element("table", { class: "why" }, element("tbody", {}, ...rows)));
  } catch (error) { if ($("why")) $("why").textContent = error.message; }
}

const logLine = c => c.action === "undo" ? `${c.when.slice(0, 16)} ${start.words.undo} ${c.undoes}`
  : `${c.when.slice(0, 16)} «${c.text}» ${c.field ? `${start.fields[c.field] || c.field}: ${JSON.stringify(c.old)} → ${JSON.stringify(c.new)}` : start.words[`state_${c.action}`] || c.action}`;

// ---- writing

async function write(body, keep, done) {
  try {
    const answer = await call("/api/corrections", { doc_id: article.doc_id, ...body });
    article = answer.article;
    take(keep);
    say(done || start.words.saved);
    start.documents = (await call(`/api/start?lang=${lang}`)).documents;
    drawDocuments();
    return true;
  } catch (error) {
    say(error.message, true);
    if (error.status === 409) await openDocument(article.doc_id, keep);
    return false;
  }
}

async function change(field) {
  const row = current, name = field.dataset.field;
  let value;
  try { value = valueOf(field); } catch (error) { return say(error.message, true); }
  if (JSON.stringify(value) === JSON.stringify(row.fields[name])) return;
  await write({ action: "change", target: row.kind || "indicator", start: row.start, end: row.end, field: name, old: row.fields[name], new: value }, row);
  const again = $(`f-${name}`);
  if (again) again.focus();
}

const DO = {
  next: () => step(1),
  previous: () => step(-1),
  unresolved: () => step(1, m => m.what === "unresolved"),
  help: () => { const d = $("help"); if (d.open) d.close(); else d.showModal(); },
  async accept() {
    if (!current || current.what !== "indicator") return;
    const mark = current;
    if (await write({ action: "accept", start: mark.start, end: mark.end }, mark)) step(1);
  },
  async reject() {
    if (!current || (!current.kind && current.what !== "indicator")) return;
    await write({ action: "reject", target: current.kind || "indicator", start: current.start, end: current.end }, current);
  },
  edit() { const first = document.querySelector("#panel [data-field]"); if (first) first.focus(); },
  take: () => add(current),
  missed: () => { const span = selectionSpan(); if (span) add(span); else say(start.words.select_first, true); },
  open_case: () => section("case"),
  open_measure: () => section("measure"),
  start_here: () => border("start"),
  end_here: () => border("end"),
  async undo() {
    const undone = new Set(article.log.filter(c => c.action === "undo").map(c => c.undoes));
    const last = article.log.find(c => c.action !== "undo" && !undone.has(c.id));
    if (!last) return say(start.words.nothing_to_undo);
    await write({ action: "undo", undoes: last.id }, current, start.words.undone);
  },
};

async function add(span) {
  try {
    const answer = await call("/api/corrections", { doc_id: article.doc_id, action: "add", start: span.start, end: span.end });
    article = answer.article;
    take({ start: span.start });
    say(start.words.saved);
  } catch (error) {
    if (error.status !== 422) return say(error.message, true);
    const form = element("form", {
      onsubmit: async event => {
        event.preventDefault();
        const fresh = Object.fromEntries([...form.querySelectorAll("[data-field]")].map(f => [f.dataset.field, valueOf(f)]));
        await write({ action: "add", start: span.start, end: span.end, new: fresh }, { start: span.start });
      },
    }, ...["value", "unit", "dimension", "metric", "subject"].flatMap(n => [
      element("label", { for: `f-${n}` }, start.fields[n]), input(n, { dimension: "count", metric: "count_other" }[n] || null)]),
    element("button", { class: "main" }, start.words.missed));
    form.dataset.fresh = "1";
    $("panel").replaceChildren(element("p", {}, start.words.need_value), form);
    form.querySelector("input").focus();
  }
}

async function section(kind) {
  const span = selectionSpan();
  if (!span) return say(start.words.select_first, true);
  await write({ action: "add", target: kind, start: span.start, end: span.end, new: {} }, { start: span.start, kind });
}

async function border(side) {
  const span = selectionSpan();
  if (!span || !current || !current.kind) return say(start.words.select_first, true);
  await write({ action: "change", target: current.kind, start: current.start, end: current.end, field: side, new: span },
    { start: side === "start" ? span.start : current.start, kind: current.kind });
}

// ---- events

document.addEventListener("click", event => {
  const doing = event.target.closest("[data-do]");
  if (doing) return void DO[doing.dataset.do]();
  if (!article || !getSelection().isCollapsed) return;
  const span = event.target.closest("[data-mark]"), head = event.target.closest("[data-section]");
  if (span) pick(article.marks.find(m => m.id === span.dataset.mark), true);
  else if (head) pickSection(head.dataset.kind, (head.dataset.kind === "case" ? article.cases : article.measures).find(r => r.id === head.dataset.section));
  else if (event.target.closest("main")) { letGo(); current = null; showPanel(); }
});
document.addEventListener("change", event => {
  if (event.target.id === "document") openDocument(event.target.value);
  else if (event.target.closest("header")) filter();
  else if (event.target.dataset.field && !event.target.form.dataset.fresh) change(event.target);
});
$("search").addEventListener("input", filter);
$("search").addEventListener("keydown", event => { if (event.key === "Enter") step(1); });
const KEYS = { j: "next", k: "previous", n: "unresolved", a: "accept", e: "edit", x: "reject", m: "missed", c: "open_case", s: "open_measure", u: "undo", "?": "help" };
document.addEventListener("keydown", event => {
  if (event.key === "Escape") { if (document.activeElement) document.activeElement.blur(); if (article) { letGo(); current = null; showPanel(); } return; }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  if (event.key === "/") { event.preventDefault(); return $("search").focus(); }
  if (event.key === "Enter" && event.target.dataset.mark) return DO.edit();
  if (KEYS[event.key] && article && (!$("help").open || event.key === "?")) { event.preventDefault(); DO[KEYS[event.key]](); }
});

(async () => {
  try {
    start = await call(`/api/start?lang=${lang}`);
    drawDocuments();
    if (start.documents.length) await openDocument(start.documents[0].doc_id);
    else $("article").replaceChildren();
  } catch (error) { $("article").replaceChildren(element("p", { class: "error" }, error.message)); }
})();
