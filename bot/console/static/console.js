"use strict";
// Pages work without this script. It keeps what people typed when they leave a form by mistake.
addEventListener("input", (event) => {
  if (event.target.form && event.target.form.matches("[data-keep]")) event.target.form.dataset.changed = "";
});
addEventListener("submit", (event) => delete event.target.dataset.changed);
addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-changed]")) event.preventDefault();
});
addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});
