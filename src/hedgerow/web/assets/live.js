// The live page: arrivals as server-sent events, the latest first. Text is set as text, whatever it holds.
(() => {
  const place = document.querySelector("[data-live]");
  if (!place) return;
  const most = 200;
  const rows = place.querySelector("[data-live-rows]");
  const state = document.querySelector("[data-live-state]");
  const events = new EventSource(place.dataset.live);
  let whole = 0;
  const cell = (row, text, name) => {
    const made = row.insertCell();
    made.textContent = text;
    if (name) made.className = name;
  };
  events.onopen = () => { if (!whole) state.textContent = "Listening."; };
  events.onerror = () => { state.textContent = "The connection was lost: trying again."; };
  events.onmessage = (event) => {
    const said = JSON.parse(event.data);
    rows.querySelector("[data-live-empty]")?.remove();
    for (const each of said.rows) {
      const row = rows.insertRow(0);
      cell(row, each.at, "when");
      cell(row, each.who, "who");
      cell(row, each.fault ? `dropped: ${each.fault}` : each.did);
      cell(row, each.where, "where");
      cell(row, each.source);
    }
    while (rows.rows.length > most) rows.deleteRow(-1);
    whole += said.rows.length + said.more;
    state.textContent = `${whole.toLocaleString("en")} since this page was opened` +
      (said.more ? `, ${said.more.toLocaleString("en")} of the last second not shown.` : ".");
  };
  addEventListener("pagehide", () => events.close());
})();
