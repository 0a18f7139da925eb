// The browser's print dialogue can also save a PDF.
"use strict";
const print = document.getElementById("print");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
