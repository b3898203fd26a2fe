// Draws every [data-chart], again when the theme, the size or the answer changes; sorts every [data-sortable].
(() => {
  const drawn = new Map();
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
  const long = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

  const said = (spec, value) => {
    if (value === null || value === undefined) return "none";
    if (spec.unit === "share") return (value * 100).toFixed(1) + " %";
    return long.format(value) + (spec.currency ? " " + spec.currency : "");
  };

  const series = (spec) => spec.series.map((each) => {
    const colour = token("--series-" + each.colour);
    const shared = { name: each.name, data: each.data, itemStyle: { color: colour }, animationDuration: 250 };
    if (spec.kind === "bar") return { ...shared, type: "bar", barMaxWidth: 26, itemStyle: { color: colour, borderRadius: 2 } };
    const area = spec.kind === "area" ? { stack: "all", areaStyle: { color: colour, opacity: 0.9 }, lineStyle: { width: 0 } } : {};
    return { ...shared, type: "line", showSymbol: false, lineStyle: { width: 1.5, color: colour }, ...area };
  });

  const option = (spec, width) => {
    const ink = token("--ink-soft"), rule = token("--rule");
    const sideways = spec.kind === "bar" && spec.axis !== "touches" && spec.axis !== "days";
    const names = {
      type: "category", data: spec.x, inverse: sideways, boundaryGap: spec.kind === "bar", axisTick: { show: false }, axisLine: { lineStyle: { color: rule } },
      axisLabel: { color: ink, alignMinLabel: spec.kind === "bar" ? null : "left", alignMaxLabel: spec.kind === "bar" ? null : "right", width: sideways ? Math.min(190, width * 0.34) : undefined, overflow: "truncate", hideOverlap: true },
    };
    const values = {
      type: "value", splitLine: { lineStyle: { color: rule } }, splitNumber: width < 500 ? 3 : 5,
      axisLabel: { color: ink, formatter: (v) => (spec.unit === "share" ? Math.round(v * 100) + " %" : short.format(v)) },
    };
    const letters = spec.series.reduce((sum, each) => sum + each.name.length * 6.6 + 34, 0);
    const rows = spec.series.length > 1 ? Math.ceil((letters * 1.12) / width) : 0;
    return {
      textStyle: { fontFamily: "Inter, sans-serif", fontSize: 12 },
      legend: { show: rows > 0, type: "plain", top: 0, left: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10, itemGap: 12, textStyle: { color: token("--ink") } },
      grid: { top: rows ? 12 + rows * 22 : 10, left: 4, right: 18, bottom: 4, containLabel: true },
      tooltip: {
        trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: spec.kind === "bar" ? "shadow" : "line" },
        backgroundColor: token("--card"), borderColor: rule, textStyle: { color: token("--ink"), fontSize: 12 },
        valueFormatter: (value) => said(spec, value),
      },
      xAxis: sideways ? values : names,
      yAxis: sideways ? names : values,
      series: series(spec),
    };
  };

  const draw = (box) => {
    const spec = JSON.parse(box.dataset.chart);
    const bars = spec.kind === "bar" && spec.axis !== "touches" && spec.axis !== "days";
    box.classList.toggle("tall", bars && spec.x.length * Math.max(1, spec.series.length) > 10);
    box.classList.toggle("taller", bars && spec.x.length * Math.max(1, spec.series.length) > 36);
    const chart = drawn.get(box) || echarts.init(box, null, { renderer: "canvas" });
    drawn.set(box, chart);
    chart.resize();
    chart.setOption(option(spec, box.clientWidth), true);
  };

  const all = () => {
    for (const [box, chart] of drawn) if (!box.isConnected) { chart.dispose(); drawn.delete(box); }
    document.querySelectorAll("[data-chart]").forEach(draw);
  };

  const sort = (button) => {
    const head = button.closest("th"), table = head.closest("table"), body = table.tBodies[0];
    const column = [...head.parentNode.children].indexOf(head);
    const up = head.getAttribute("aria-sort") !== "ascending";
    const key = (row) => {
      const text = row.cells[column].textContent.trim(), number = parseFloat(text.replace(/,/g, ""));
      return head.classList.contains("number") ? (Number.isNaN(number) ? -Infinity : number) : text;
    };
    const rows = [...body.rows].map((row) => [key(row), row]);
    rows.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0) * (up ? 1 : -1));
    table.querySelectorAll("[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    body.append(...rows.map(([, row]) => row));
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-sort]");
    if (button) sort(button);
  });
  addEventListener("theme", all);
  addEventListener("resize", all);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
  document.addEventListener("DOMContentLoaded", () => {
    document.fonts.ready.then(all);
    const answer = document.getElementById("answer");
    if (answer) new MutationObserver(all).observe(answer, { childList: true });
  });
})();
