// Copies what a [data-copy] says, and shows the password beside a [data-reveal]; without script neither is offered.
(() => {
  const copy = async (button) => {
    const said = button.textContent;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(button.previousElementSibling);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = said; }, 2000);
  };
  const reveal = (button) => {
    const field = button.parentNode.querySelector("input"), shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.textContent = shown ? "Hide" : "Show";
    button.setAttribute("aria-label", `${button.textContent} the password`);
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-reveal]");
    if (button) (button.matches("[data-copy]") ? copy : reveal)(button);
  });
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-copy], [data-reveal]").forEach((button) => { button.hidden = false; });
  });
})();
