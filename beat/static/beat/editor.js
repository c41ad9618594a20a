// The page of a schedule: tells the server the browser's zone, and fills in example lines.
(() => {
  const line = () => document.getElementById("id_when-line");

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-line]");
    if (!button || !line()) return;
    line().value = button.dataset.line;
    line().focus();
    line().dispatchEvent(new Event("input", { bubbles: true }));
  });

  document.addEventListener("DOMContentLoaded", () => {
    const zone = document.querySelector("[data-browser-zone]");
    if (!zone) return;
    zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
    document.querySelectorAll("[data-examples]").forEach((examples) => { examples.hidden = false; });
    const hasPreview = document.querySelector("#preview table");
    if (hasPreview && window.htmx) window.htmx.trigger("#preview", "preview");
  });
})();
