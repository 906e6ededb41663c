/* Rows of products with their terms: a press fills the columns, a new row begins as the columns say, nothing comes twice. */
(() => {
  "use strict";
  const fill = (row, typedToo) => {
    for (const from of document.querySelectorAll("[data-fills]")) {
      const cell = row.querySelector(`[data-column="${from.dataset.fills}"]`);
      if (cell && from.value.trim() && (typedToo || !cell.value)) cell.value = from.value;
    }
  };
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-fill-all]");
    if (!button) return;
    document.querySelectorAll("li.terms-row").forEach((row) => fill(row, true));
    button.dispatchEvent(new CustomEvent("filled"));
  });
  document.addEventListener("htmx:load", (event) => {
    const row = event.detail.elt;
    if (!(row instanceof Element) || !row.matches("li.terms-row")) return;
    const first = document.getElementById(row.id);
    if (first !== row) {
      row.remove();
      first.querySelector("[name=product]").checked = true;
      first.querySelector("[data-column]").focus();
    } else fill(row, false);
  });
})();
