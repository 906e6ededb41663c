/* The filters of a list on a telephone: behind a button that says how many are in use. */
(() => {
  "use strict";
  const used = (form) => [...form.querySelectorAll(".field")].filter((field) =>
    [...field.querySelectorAll("input, select")].some((one) => one.name && (one.type === "checkbox" ? one.checked : one.value.trim()))).length;
  function show(form) {
    const n = used(form);
    const said = form.querySelector("[data-used]");
    said.textContent = n;
    said.hidden = n === 0;
  }
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-filters]");
    if (!button) return;
    const open = button.form.classList.toggle("shown");
    button.setAttribute("aria-expanded", open ? "true" : "false");
  });
  document.addEventListener("change", (event) => {
    if (event.target.form && event.target.form.id === "filter") show(event.target.form);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "filter") return;
    event.target.classList.remove("shown"); // on to the rows
    event.target.querySelector("[data-filters]").setAttribute("aria-expanded", "false");
    show(event.target);
  });
  document.addEventListener("DOMContentLoaded", () => {
    const form = document.getElementById("filter");
    if (form) show(form);
  });
})();
