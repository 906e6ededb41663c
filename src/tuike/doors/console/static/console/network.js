/* The tree of promoters: branches open and close, arrow keys go from row to row. htmx fetches a branch at its first opening. */
(() => {
  "use strict";
  const open = (button, wanted) => {
    button.setAttribute("aria-expanded", wanted ? "true" : "false");
    document.getElementById(button.getAttribute("aria-controls")).hidden = !wanted;
  };
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-branch]");
    if (button) open(button, button.getAttribute("aria-expanded") !== "true");
  });
  const rows = (tree) => [...tree.querySelectorAll(".tree-name")].filter((one) => one.offsetParent);
  document.addEventListener("keydown", (event) => {
    const tree = event.target instanceof Element && event.target.closest("[data-tree]");
    const row = tree && event.target.closest(".tree-row");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = rows(tree);
    const at = all.indexOf(row.querySelector(".tree-name"));
    const button = row.querySelector("[data-branch]");
    const opened = button && button.getAttribute("aria-expanded") === "true";
    const moves = { ArrowDown: all[at + 1], ArrowUp: all[at - 1], Home: all[0], End: all[all.length - 1] };
    let done = true;
    if (event.key in moves) moves[event.key]?.focus();
    else if (event.key === "ArrowRight" && button) opened ? all[at + 1]?.focus() : button.click();
    else if (event.key === "ArrowLeft" && opened) button.click();
    else if (event.key === "ArrowLeft") row.parentElement.parentElement.closest("li")?.querySelector(".tree-name")?.focus();
    else done = false;
    if (done) event.preventDefault();
  });
})();

/* The editor of the application form: a row goes at once; nothing is kept before it is published. */
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-remove-row]");
    if (!button) return;
    const list = button.closest("ul");
    button.closest("li").remove();
    (list.querySelector("input, select") || document.querySelector(`[data-add="${list.id}"]`))?.focus();
  });
})();
