"use strict";
const { rows, words, fields, codes, intents } = JSON.parse(document.getElementById("rows").textContent);
const panel = document.getElementById("record");
const marks = [...document.querySelectorAll(".text mark")];
let kept = null;
function show(mark) {
  const table = document.createElement("table");
  const add = (name, ...content) => { const row = table.insertRow(); row.insertCell().textContent = name; row.insertCell().append(...content); };
  const element = (name, text) => { const made = document.createElement(name); made.textContent = text; return made; };
  for (const [name, value] of Object.entries(rows[Number(mark.dataset.row)])) {
    if (name === "rules") continue;
    const text = Array.isArray(value) ? value.join("; ") : (codes[name] || {})[value] || String(value);
    if (name.endsWith("_id") && document.getElementById(text)) {
      const link = element("a", text);
      link.href = "#" + encodeURIComponent(text);
      add(fields[name] || name, link);
    } else add(fields[name] || name, text);
  }
  const row = rows[Number(mark.dataset.row)];
  for (const rule of row.rules || [row.rule_id]) if (intents[rule]) add(words.explanation, intents[rule], " ", element("code", rule));
  panel.replaceChildren(table);
}
function keep(mark) {
  if (kept) kept.classList.remove("kept");
  kept = mark;
  if (mark) { mark.classList.add("kept"); show(mark); }
}
function step(by) {
  const among = marks.filter(m => !m.classList.contains("dim") && (!m.classList.contains("set_aside") || only.value));
  if (!among.length) return;
  let at = among.indexOf(kept);
  if (at < 0 && kept) at = among.findIndex(m => kept.compareDocumentPosition(m) & Node.DOCUMENT_POSITION_FOLLOWING) - (by > 0 ? 1 : 0);
  else if (at < 0 && by < 0) at = 0;
  const mark = among[(at + by + among.length) % among.length];
  keep(mark);
  mark.focus({ preventScroll: true });
  mark.scrollIntoView({ block: "center" });
}
const only = document.getElementById("only"), search = document.getElementById("search");
function filter() {
  const wanted = search.value.trim();
  for (const mark of marks) {
    const row = rows[Number(mark.dataset.row)];
    const said = `${mark.textContent} ${row.subject || ""} ${row.sentence || ""}`;
    mark.classList.toggle("dim", (only.value !== "" && mark.dataset.code !== only.value) || (wanted !== "" && !said.includes(wanted)));
  }
}
const markOf = event => event.target.closest ? event.target.closest("[data-row]") : null;
for (const name of ["mouseover", "focusin"])
  document.addEventListener(name, event => { const mark = markOf(event); if (mark && !kept) show(mark); });
document.addEventListener("click", event => {
  const mark = markOf(event), by = event.target.dataset ? event.target.dataset.step : null;
  if (by) step(Number(by));
  else if (mark) keep(mark === kept ? null : mark);
});
document.addEventListener("keydown", event => {
  if (event.key === "Escape") keep(null);
  if (event.target.matches("input, select") || event.ctrlKey || event.metaKey || event.altKey) { if (event.key === "Enter" && event.target === search) step(1); return; }
  if (event.key === "j") step(1);
  if (event.key === "k") step(-1);
  if (event.key === "/") { event.preventDefault(); search.focus(); }
});
only.addEventListener("change", filter);
search.addEventListener("input", filter);
