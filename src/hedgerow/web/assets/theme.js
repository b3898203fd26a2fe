// The theme the reader chose, kept on this machine; the system's where none was chosen.
(() => {
  const root = document.documentElement;
  const kept = localStorage.getItem("theme");
  if (kept) root.dataset.theme = kept;
  const dark = () => (root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    root.dataset.theme = dark() ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
    dispatchEvent(new Event("theme"));
  });
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-theme-switch]").forEach((button) => { button.hidden = false; });
    const menu = document.querySelector("[data-menu]");
    const narrow = matchMedia("(max-width: 860px)");
    const fold = () => { if (menu) menu.open = !narrow.matches; };
    narrow.addEventListener("change", fold);
    fold();
  });
})();
