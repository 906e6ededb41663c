/* Blocks of a page are put in order by dragging; the buttons beside them do the same by keyboard. */
(() => {
  "use strict";
  let dragged = null;
  const row = (event) => event.target.closest && event.target.closest("tr[data-place]");
  document.addEventListener("dragstart", (event) => {
    dragged = row(event);
    if (dragged) event.dataTransfer.effectAllowed = "move";
  });
  document.addEventListener("dragover", (event) => {
    if (dragged && row(event)) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const over = row(event);
    if (!dragged || !over) return;
    event.preventDefault();
    const { move, place } = dragged.dataset;
    const stood = dragged.closest("[data-blocks]").dataset.stood;
    if (over.dataset.place !== place) {
      const values = { to: over.dataset.place, stood };
      window.htmx.ajax("POST", move, { target: "#blocks", swap: "outerHTML", values });
    }
    dragged = null;
  });
  document.addEventListener("dragend", () => { dragged = null; });
})();
