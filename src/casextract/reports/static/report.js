"use strict";
// The page of `casextract report`: one list of numbers, the filters that narrow it, and the charts and the table of what is left.
(async () => {
  const names = JSON.parse(document.getElementById("names").textContent);
  const t = names.words, zh = names.language === "zh";
  const $ = id => document.getElementById(id);
  const format = new Intl.NumberFormat(zh ? "zh-CN" : "en-GB", { maximumFractionDigits: 6 });
  const code = (kind, value) => names.codes[kind][value] ?? value;

  // Packed the page is a third smaller; nothing is fetched.
  const unpacked = async text => new Response(new Blob([Uint8Array.from(atob(text.trim()), c => c.charCodeAt(0))])
    .stream().pipeThrough(new DecompressionStream("gzip"))).text();
  for (const library of document.querySelectorAll("script.library")) (0, eval)(await unpacked(library.textContent));

  // ---- the numbers
  const { lists, columns } = JSON.parse(await unpacked($("packed").textContent));
  const all = columns.value.map((value, i) => {
    const of = name => lists[name][columns[name][i]];
    const [title, issue, published, path] = of("doc");
    return {
      i, value, high: columns.value_high[i], old: columns.baseline_value[i], oldUnit: of("baseline_unit"),
      text: columns.text[i], oldText: columns.baseline_text[i], where: of("where"), province: of("province"), topics: of("topics"),
      metric: of("metric"), subject: of("subject"), unit: of("unit"), bound: of("bound"), per: of("per"), status: of("status"),
      time: of("time"), dimension: of("dimension"), currency: of("currency"), sentence: of("sentence"), at: columns.at[i],
      title, issue, published, path, source: issue || title || path,
    };
  });
  // What a reader calls the place: its most exact unit.
  const short = where => where ? where.split(" ").pop() : t.no_place;

  // ---- the filters
  const fields = { place: $("f-place"), topic: $("f-topic"), metric: $("f-metric"), issue: $("f-issue"), status: $("f-status"), words: $("f-words") };
  const option = (value, text) => Object.assign(document.createElement("option"), { value, textContent: text ?? value });
  const counted = values => [...values.reduce((m, v) => m.set(v, (m.get(v) ?? 0) + 1), new Map())].sort((a, b) => b[1] - a[1]);
  for (const [topic, n] of counted(all.flatMap(r => r.topics))) fields.topic.append(option(topic, `${code("topic", topic)} (${n})`));
  for (const [metric, n] of counted(all.map(r => r.metric))) fields.metric.append(option(metric, `${code("metric", metric)} (${n})`));
  for (const [status, n] of counted(all.map(r => r.status))) fields.status.append(option(status, `${code("status", status)} (${n})`));
  for (const [source, n] of counted(all.map(r => r.source))) fields.issue.append(option(source, `${source} (${n})`));
  const provinces = [...new Set(all.map(r => r.province))].filter(Boolean).sort();
  for (const place of [...provinces, ...[...new Set(all.map(r => r.where))].filter(w => w && !provinces.includes(w)).sort()]) $("places").append(option(place));

  const haystack = r => r.hay ??= [r.where, r.subject, r.sentence, r.title, code("metric", r.metric), ...r.topics.map(x => code("topic", x))].join("\n").toLowerCase();
  function filtered() {
    const place = fields.place.value.trim(), words = fields.words.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const topic = fields.topic.value, metric = fields.metric.value, issue = fields.issue.value, status = fields.status.value;
    return all.filter(r => (!place || r.where.includes(place)) && (!topic || r.topics.includes(topic)) && (!metric || r.metric === metric)
      && (!issue || r.source === issue) && (!status || r.status === status) && words.every(w => haystack(r).includes(w)));
  }

  // ---- the charts
  const INK = "#1d2329", MAIN = "#2a6f97", OTHER = "#b4531f", GREY = "#8a949c";
  const most = 14;
  const money = value => zh
    ? value >= 1e8 ? `${format.format(+(value / 1e8).toPrecision(4))}亿元` : value >= 1e4 ? `${format.format(+(value / 1e4).toPrecision(4))}万元` : `${format.format(value)}元`
    : value >= 1e6 ? `${format.format(+(value / 1e6).toPrecision(4))} million yuan` : `${format.format(value)} yuan`;
  const bars = (rows, x, title) => ({
    data: { values: rows }, height: { step: 22 },
    encoding: { y: { field: "name", type: "nominal", sort: null, axis: { title: null } } },
    layer: [
      { mark: { type: "bar", color: MAIN, tooltip: { content: "data" } }, encoding: { x: { field: "n", type: "quantitative", axis: { title, tickMinStep: 1, ...x }, scale: { nice: false, domain: [0, (1.1 + 0.035 * Math.max(...rows.map(r => r.said.length))) * Math.max(...rows.map(r => r.n))] } } } },
      { mark: { type: "text", align: "left", dx: 4, color: INK }, encoding: { x: { field: "n", type: "quantitative" }, text: { field: "said" } } },
    ],
  });
  const byCount = (values, named) => counted(values).slice(0, most).map(([v, n]) => ({ code: v, name: named(v), n, said: format.format(n) }));
  const isRate = r => r.per.length > 0;
  const unique = (rows, key) => [...new Map(rows.map(r => [key(r), r])).values()];
  const labelled = (r, rest) => `${short(r.where)} ${rest}`.slice(0, 34);

  const charts = [
    { id: "map", wide: true, title: t.by_province, note: t.by_province_note, make(rows) {
      const n = new Map(counted(rows.map(r => r.province)));
      const values = names.tiles.map(([name, x, y]) => ({ name, x, y, n: n.get(name) ?? 0, label: name.replace(/(省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)$/, "") }));
      const known = values.filter(v => v.n).length;
      if (!known) return null;
      const base = { x: { field: "x", type: "ordinal", axis: null }, y: { field: "y", type: "ordinal", axis: null } };
      return { spec: { data: { values }, width: { step: 52 }, height: { step: 44 }, encoding: base, layer: [
        { mark: { type: "rect", stroke: "#fff", strokeWidth: 2, cursor: "pointer", tooltip: { content: "data" } }, encoding: { color: { condition: { test: "datum.n === 0", value: "#e9edf0" }, field: "n", type: "quantitative", scale: { type: "sqrt", range: ["#cfe3ef", "#7fb2cf"] }, legend: null } } },
        { mark: { type: "text", dy: -7, fontSize: 12, color: INK }, encoding: { text: { field: "label" } } },
        { transform: [{ filter: "datum.n > 0" }], mark: { type: "text", dy: 9, fontSize: 12, fontWeight: 600, color: INK }, encoding: { text: { field: "n", format: "," } } },
      ] }, fixed: true, pick: d => { fields.place.value = fields.place.value === d.name ? "" : d.name; update(); } };
    } },
    { id: "topics", title: t.by_topic, make(rows) {
      const values = byCount(rows.flatMap(r => r.topics), x => code("topic", x));
      return values.length && { spec: bars(values, {}, t.numbers), pick: d => { fields.topic.value = fields.topic.value === d.code ? "" : d.code; update(); } };
    } },
    { id: "places", title: t.by_place, make(rows) {
      const values = byCount(rows.map(r => r.where).filter(Boolean), short);
      return values.length && { spec: bars(values, {}, t.numbers), pick: d => { fields.place.value = fields.place.value === d.code ? "" : d.code; update(); } };
    } },
    { id: "kinds", title: t.money_by_kind, note: t.money_by_kind_note, make(rows) {
      const kinds = new Map();
      for (const r of rows) if (r.dimension === "money" && r.currency === "CNY" && !isRate(r) && r.status === "achieved" && r.metric !== "allowance") kinds.set(r.metric, (kinds.get(r.metric) ?? []).concat(r));
      const values = [...kinds].map(([metric, own]) => ({ code: metric, name: `${code("metric", metric)} (${own.length})`, n: own.reduce((sum, r) => sum + r.value, 0) })).sort((a, b) => b.n - a.n);
      for (const v of values) v.said = money(v.n);
      return values.length && { spec: bars(values, { labels: false, ticks: false, grid: false, domain: false }, null), pick: d => { fields.metric.value = fields.metric.value === d.code ? "" : d.code; update(); } };
    } },
    { id: "totals", title: t.largest_totals, note: t.largest_totals_note, make(rows) {
      const own = rows.filter(r => r.dimension === "money" && r.currency === "CNY" && !isRate(r) && r.status === "achieved" && r.metric !== "allowance").sort((a, b) => b.value - a.value).slice(0, most);
      const values = own.map(r => ({ name: labelled(r, `${r.subject || code("metric", r.metric)}`) + "\u200b".repeat(own.indexOf(r)), n: r.value, said: money(r.value), sentence: r.sentence }));
      return values.length && { spec: bars(values, { labels: false, ticks: false, grid: false, domain: false }, null) };
    } },
    { id: "standards", title: t.standards, note: t.standards_note, make(rows) {
      const own = unique(rows.filter(r => r.dimension === "money" && r.currency === "CNY" && r.per.join() === "人,月"), r => [r.where, r.subject, r.value]).sort((a, b) => b.value - a.value).slice(0, most);
      const values = own.map((r, i) => ({ name: labelled(r, r.subject || code("metric", r.metric)) + "\u200b".repeat(i), n: r.value, said: format.format(r.value), sentence: r.sentence }));
      return values.length && { spec: bars(values, {}, t.yuan_person_month) };
    } },
    { id: "coverage", title: t.coverage, make(rows) {
      const own = unique(rows.filter(r => r.metric === "coverage_rate"), r => [r.where, r.subject, r.status, r.value]);
      const order = [...new Set(own.sort((a, b) => b.value - a.value).map(r => labelled(r, r.subject || code("metric", r.metric))))].slice(0, 18);
      const values = own.map(r => ({ name: labelled(r, r.subject || code("metric", r.metric)), n: r.value, status: code("status", r.status), said: `${format.format(r.value)}%`, sentence: r.sentence })).filter(v => order.includes(v.name));
      const present = [["achieved", MAIN, "circle"], ["target", OTHER, "diamond"], ["baseline", GREY, "square"], ["standard", "#6b4c9a", "triangle-up"]].filter(([s]) => values.some(v => v.status === code("status", s)));
      const domain = present.map(([s]) => code("status", s));
      return values.length && { spec: { data: { values }, height: { step: 22 }, mark: { type: "point", filled: true, size: 90, opacity: 1, tooltip: { content: "data" } }, encoding: {
        y: { field: "name", type: "nominal", sort: order, axis: { title: null, grid: true } }, x: { field: "n", type: "quantitative", scale: { domain: [0, 100] }, axis: { title: "%" } },
        color: { field: "status", scale: { domain, range: present.map(p => p[1]) }, legend: { title: null, orient: "top" } }, shape: { field: "status", scale: { domain, range: present.map(p => p[2]) }, legend: { title: null, orient: "top" } },
      } } };
    } },
    { id: "faster", title: t.faster, note: t.faster_note, make(rows) {
      const own = rows.filter(r => ["time_limit", "service_time"].includes(r.metric) && r.old !== null && r.unit === r.oldUnit && r.value < r.old).sort((a, b) => a.value / a.old - b.value / b.old).slice(0, most);
      const values = own.map((r, i) => ({ name: labelled(r, r.subject || code("metric", r.metric)) + "\u200b".repeat(i), n: 100 * r.value / r.old, said: `${r.oldText} → ${r.text}`, sentence: r.sentence }));
      return values.length && { spec: { data: { values }, height: { step: 26 }, encoding: { y: { field: "name", type: "nominal", sort: null, axis: { title: null } } }, layer: [
        { mark: { type: "bar", color: "#dde3e7" }, encoding: { x: { datum: 100 } } },
        { mark: { type: "bar", color: MAIN, tooltip: { content: "data" } }, encoding: { x: { field: "n", type: "quantitative", scale: { domain: [0, 175], nice: false }, axis: { title: t.share_of_old, titleAnchor: "start", values: [0, 25, 50, 75, 100] } } } },
        { mark: { type: "text", align: "left", dx: 6, color: INK }, encoding: { x: { datum: 100 }, text: { field: "said" } } },
      ] } };
    } },
    { id: "again", wide: true, title: t.two_issues, note: t.two_issues_note, make(rows) {
      const groups = new Map();
      for (const r of rows) if (r.where && r.subject && !isRate(r) && ["achieved", "baseline"].includes(r.status)) {
        const key = [r.where, r.metric, r.subject, r.unit].join("\t");
        groups.set(key, (groups.get(key) ?? []).concat(r));
      }
      const twice = [...groups.values()].filter(g => new Set(g.map(r => r.path)).size > 1).slice(0, 12);
      const values = twice.flatMap((g, i) => {
        const own = unique(g.filter(r => r.status === "achieved"), r => [r.path, r.value]).sort((x, y) => x.source.localeCompare(y.source));
        const largest = Math.max(...own.map(r => r.value));
        return own.map((r, k) => ({ name: labelled(r, r.subject) + "\u200b".repeat(i), issue: r.source, share: 100 * r.value / largest, said: r.text, sentence: r.sentence,
          all: k ? "" : own.map(x => x.text).join(" → ") }));
      });
      const issues = [...new Set(values.map(v => v.issue))].sort();
      const x = { field: "share", type: "quantitative", scale: { domain: [0, 160], nice: false }, axis: { title: t.share_of_largest, titleAnchor: "start", values: [0, 25, 50, 75, 100] } };
      return values.length && { spec: { data: { values }, height: { step: 24 }, encoding: { y: { field: "name", type: "nominal", sort: null, axis: { title: null, grid: true } } }, layer: [
        { mark: { type: "point", filled: true, size: 100, opacity: 1, tooltip: { content: "data" } }, encoding: { x,
          color: { field: "issue", scale: { domain: issues, range: [GREY, MAIN, OTHER, "#6b4c9a"] }, legend: { title: null, orient: "top", labelLimit: 240 } },
          shape: { field: "issue", scale: { domain: issues, range: ["square", "circle", "diamond", "triangle-up"] }, legend: { title: null, orient: "top", labelLimit: 240 } } } },
        { transform: [{ filter: "datum.all !== ''" }], mark: { type: "text", align: "left", dx: 10, color: INK }, encoding: { x: { datum: 100 }, text: { field: "all" } } },
      ] } };
    } },
  ];
  for (const chart of charts) {
    chart.figure = document.createElement("figure");
    chart.figure.id = `chart-${chart.id}`;
    if (chart.wide) chart.figure.className = "wide";
    const caption = document.createElement("figcaption");
    caption.textContent = chart.title;
    if (chart.note) caption.append(Object.assign(document.createElement("small"), { textContent: chart.note }));
    chart.figure.append(caption, chart.place = document.createElement("div"));
    $("charts").append(chart.figure);
  }
  const config = {
    background: null, font: "Noto Sans SC, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, Segoe UI, sans-serif", view: { stroke: null },
    axis: { labelColor: INK, titleColor: INK, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", labelLimit: 230, gridColor: "#e6eaed", domainColor: "#8a949c", tickColor: "#8a949c" },
    legend: { labelColor: INK, labelFontSize: 12, symbolType: "circle" }, text: { fontSize: 12 },
  };
  const told = { name: t.what, said: t.value, n: t.numbers, issue: t.issue, sentence: names.fields.sentence };
  const tooltip = (_, event, item) => {
    const datum = item?.datum;
    const lines = datum && item.mark.marktype !== "text" ? Object.entries(told).filter(([k]) => datum[k] !== undefined && !(k === "n" && datum.said !== undefined)) : [];
    tip(event, lines.map(([k, label]) => `${label}: ${String(datum[k]).replaceAll("\u200b", "")}`).join("\n"));
  };
  const bubble = Object.assign(document.createElement("div"), { role: "tooltip" });
  bubble.style.cssText = "position:fixed;z-index:9;max-width:340px;padding:6px 10px;background:#1d2329;color:#fff;font-size:12.5px;white-space:pre-wrap;pointer-events:none;display:none";
  document.body.append(bubble);
  function tip(event, text) {
    bubble.style.display = text ? "block" : "none";
    if (!text) return;
    bubble.textContent = text;
    bubble.style.left = `${Math.max(4, Math.min(event.clientX + 12, innerWidth - bubble.offsetWidth - 8))}px`;
    bubble.style.top = `${Math.min(event.clientY + 14, innerHeight - bubble.offsetHeight - 8)}px`;
  }
  async function draw(chart, rows) {
    chart.view?.finalize();
    chart.view = null;
    chart.place.replaceChildren();
    const made = chart.make(rows);
    if (!made) {
      chart.place.append(Object.assign(document.createElement("p"), { className: "none", textContent: t.nothing_here }));
      return;
    }
    const width = chart.figure.clientWidth;
    const spec = { $schema: "https://vega.github.io/schema/vega-lite/v6.json", config, ...made.spec };
    if (made.fixed) { const step = Math.min(64, Math.floor((width - 10) / 10)); spec.width = { step }; spec.height = { step: Math.min(46, step) }; }
    else { spec.width = Math.max(width, 300); spec.autosize = { type: "fit-x", contains: "padding" }; }
    if (width < 420) spec.config = { ...config, axis: { ...config.axis, labelLimit: 130, labelFontSize: 11 } };
    chart.view = new vega.View(vega.parse(vegaLite.compile(spec, { logger: quiet }).spec), { renderer: "svg", container: chart.place, hover: true, logLevel: vega.Error, tooltip });
    if (made.pick) chart.view.addEventListener("click", (_, item) => item?.datum && (item.datum.code !== undefined || item.datum.x !== undefined) && made.pick(item.datum));
    await chart.view.runAsync();
    const svg = chart.place.querySelector("svg");
    svg?.setAttribute("role", "img");
    svg?.setAttribute("aria-label", chart.title);
  }
  const quiet = { level: () => quiet, error: console.error, warn: () => quiet, info: () => quiet, debug: () => quiet };

  // ---- the table
  // Tabulator takes what a formatter returns for markup.
  const escape = text => String(text).replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`);
  const per = r => r.per.join("/");
  const shown = r => `${format.format(r.value)}${r.high !== null ? `–${format.format(r.high)}` : ""}`;
  const columnsShown = [
    { title: "", field: "i", width: 42, headerSort: false, responsive: 0, formatter: cell => `<button type="button" class="opener" aria-expanded="${!!cell.getData().open}" aria-label="${t.quote}">${cell.getData().open ? "−" : "+"}</button>`, cellClick: (_, cell) => toggle(cell.getRow()) },
    { title: t.place, field: "where", responsive: 1, minWidth: 110, widthGrow: 2 },
    { title: t.metric, field: "metric", responsive: 3, minWidth: names.language === "en" ? 118 : 80, formatter: cell => escape(code("metric", cell.getValue())), sorter: (a, b) => code("metric", a).localeCompare(code("metric", b), names.language) },
    { title: t.subject, field: "subject", responsive: 0, minWidth: 110, widthGrow: 2 },
    { title: t.value, field: "value", responsive: 0, hozAlign: "right", minWidth: 80, sorter: "number", formatter: cell => shown(cell.getData()) },
    { title: t.unit, field: "unit", responsive: 0, minWidth: names.language === "en" ? 70 : 56 },
    { title: t.bound, field: "bound", responsive: 5, minWidth: 86, formatter: cell => escape(code("bound", cell.getValue())) },
    { title: t.per, field: "per", responsive: 4, minWidth: 70, formatter: cell => escape(per(cell.getData())), sorter: (a, b) => a.join().localeCompare(b.join()) },
    { title: t.status, field: "status", responsive: 3, minWidth: 78, formatter: cell => escape(code("status", cell.getValue())) },
    { title: t.time, field: "time", responsive: 6, minWidth: 84 },
    { title: t.issue, field: "source", responsive: 7, minWidth: 90, widthGrow: 2 },
  ];
  const plain = (tag, text, name) => Object.assign(document.createElement(tag), { textContent: text, className: name ?? "" });
  function quote(r) {
    const box = plain("div", "", "quote");
    if (r.at < 0) box.append(r.sentence);
    else box.append(r.sentence.slice(0, r.at), plain("mark", r.sentence.slice(r.at, r.at + r.text.length)), r.sentence.slice(r.at + r.text.length));
    const where = [r.title, r.issue, r.published, r.path].filter(Boolean).join(" · ");
    const facts = [r.where, code("metric", r.metric), r.bound === "exact" ? "" : code("bound", r.bound), r.per.length ? `${t.per}: ${per(r)}` : "", code("status", r.status), r.time].filter(Boolean).join(" · ");
    box.append(document.createElement("br"), plain("small", facts), document.createElement("br"), plain("small", `${where}${r.topics.length ? ` · ${r.topics.map(x => code("topic", x)).join(", ")}` : ""}`));
    return box;
  }
  function toggle(row) {
    const data = row.getData();
    data.open = !data.open;
    row.reformat();
  }
  const escaped = cell => escape(cell.getValue() ?? "");
  for (const column of columnsShown) column.formatter ??= escaped;
  const table = new Tabulator("#table", {
    data: all, columns: columnsShown, layout: "fitColumns", responsiveLayout: "hide", pagination: true, paginationSize: 25, paginationSizeSelector: [25, 100, 500],
    placeholder: t.nothing_here, columnDefaults: { headerTooltip: true, vertAlign: "top" }, locale: zh ? "zh" : "en",
    rowFormatter: row => {
      row.getElement().querySelector(".quote")?.remove();
      if (row.getData().open) row.getElement().append(quote(row.getData()));
    },
    langs: { zh: { pagination: { first: "首页", first_title: "首页", last: "末页", last_title: "末页", prev: "上一页", prev_title: "上一页", next: "下一页", next_title: "下一页", page_size: "每页", page_title: "第", counter: { showing: "显示", of: "/", rows: "行", pages: "页" } } },
      en: { pagination: { page_size: "Rows" } } },
  });
  await new Promise(done => table.on("tableBuilt", done));

  // On paper there is no paging: a plain table of what the filters leave.
  const ON_PAPER = 1000;
  function paper(rows) {
    const box = $("paper"), made = document.createElement("table");
    made.className = "plain";
    const head = made.createTHead().insertRow();
    const printed = [[t.place, r => r.where], [t.metric, r => code("metric", r.metric)], [t.subject, r => r.subject], [t.value, shown], [t.unit, r => r.unit + (r.per.length ? `/${per(r)}` : "")], [t.bound, r => r.bound === "exact" ? "" : code("bound", r.bound)], [t.status, r => code("status", r.status)], [t.time, r => r.time], [t.issue, r => r.source]];
    for (const [title] of printed) head.append(plain("th", title));
    const body = made.createTBody();
    for (const r of rows.slice(0, ON_PAPER)) { const row = body.insertRow(); printed.forEach(([, value], i) => row.append(plain("td", value(r), i === 3 ? "number" : ""))); }
    box.replaceChildren(made);
    if (rows.length > ON_PAPER) box.append(plain("p", t.more_rows.replace("{}", format.format(rows.length - ON_PAPER)), "hint"));
  }
  addEventListener("beforeprint", () => paper(filtered()));

  // ---- together
  let waiting = 0;
  async function update() {
    const run = ++waiting, rows = filtered();
    $("count").textContent = t.shown.replace("{}", format.format(rows.length)).replace("{}", format.format(all.length));
    await table.replaceData(rows);
    for (const chart of charts) { if (run !== waiting) return; await draw(chart, rows); }
    document.body.dataset.drawn = String(rows.length);
  }
  const later = (wait => { let timer; return () => { clearTimeout(timer); timer = setTimeout(update, wait); }; })(180);
  for (const field of Object.values(fields)) field.addEventListener("input", later);
  $("filters").addEventListener("reset", () => setTimeout(update));
  $("filters").addEventListener("submit", event => event.preventDefault());
  let drawnAt = innerWidth;
  addEventListener("resize", () => { if (innerWidth !== drawnAt) { drawnAt = innerWidth; later(); } });
  await update();
})();
