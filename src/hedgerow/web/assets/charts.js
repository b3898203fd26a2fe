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

  // What stands at the axis: a day as a day, a path with its runs counted; the tooltip has it in full.
  const called = (spec, text) => {
    if (spec.axis === "day") return new Date(text).toLocaleDateString("en-GB", { ...(spec.x.length > 400 ? { year: "numeric" } : { day: "numeric" }), month: "short", timeZone: "UTC" });
    const runs = [];
    for (const step of text.split(" > ")) step === runs.at(-1)?.step ? runs.at(-1).times++ : runs.push({ step, times: 1 });
    return runs.map(({ step, times }) => (times > 1 ? `${step} ×${times}` : step)).join(" > ");
  };

  const option = (spec, width, hidden) => {
    const ink = token("--ink-soft"), rule = token("--rule");
    const sideways = spec.kind === "bar" && spec.axis !== "touches" && spec.axis !== "days";
    const names = {
      type: "category", data: spec.x, inverse: sideways, boundaryGap: spec.kind === "bar", axisTick: { show: false }, axisLine: { lineStyle: { color: rule } },
      axisLabel: { color: ink, showMinLabel: spec.kind === "bar" ? null : true, showMaxLabel: spec.kind === "bar" ? null : true, alignMinLabel: spec.kind === "bar" ? null : "left", alignMaxLabel: spec.kind === "bar" ? null : "right", formatter: (text) => called(spec, text), width: sideways ? Math.min(190, width * 0.34) : undefined, overflow: "truncate", hideOverlap: true },
    };
    const values = {
      type: "value", splitLine: { lineStyle: { color: rule } }, splitNumber: width < 500 ? 3 : 5,
      axisLabel: { color: ink, formatter: (v) => (spec.unit === "share" ? short.format(v * 100) + " %" : short.format(v)) },
    };
    return {
      textStyle: { fontFamily: "Inter, sans-serif", fontSize: 12 },
      legend: { show: false, selected: Object.fromEntries(spec.series.map((each) => [each.name, !hidden.has(each.name)])) },
      grid: { top: 10, left: 4, right: 18, bottom: 4, containLabel: true },
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
    box.unseen ??= new Set();
    chart.setOption(option(spec, box.clientWidth, box.unseen), true);
    legend(box, spec);
  };

  // A legend of buttons: it wraps where a canvas would overlap, and a keyboard reaches it.
  const legend = (box, spec) => {
    const list = box.parentNode.querySelector("[data-legend]");
    if (!list || spec.series.length < 2) return;
    const buttons = spec.series.map((each) => {
      const button = document.createElement("button"), swatch = document.createElement("i");
      button.type = "button";
      button.textContent = each.name;
      button.setAttribute("aria-pressed", String(!box.unseen.has(each.name)));
      swatch.style.background = token("--series-" + each.colour);
      button.prepend(swatch);
      button.addEventListener("click", () => {
        const shown = box.unseen.delete(each.name) || !box.unseen.add(each.name);
        button.setAttribute("aria-pressed", String(shown));
        drawn.get(box).dispatchAction({ type: shown ? "legendSelect" : "legendUnSelect", name: each.name });
      });
      return button;
    });
    list.replaceChildren(...buttons);
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
    const told = document.getElementById("told");
    if (answer) new MutationObserver(() => {
      all();
      told.textContent = answer.querySelector("[data-told]")?.textContent ?? "";
    }).observe(answer, { childList: true });
  });
})();
