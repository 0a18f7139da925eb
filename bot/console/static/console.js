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

// The desk's pages: what changes is fetched again when the WebSocket tells that it has changed; it connects again by itself.
const live = document.querySelector("[data-live]");
if (live) {
  let shown = "", wait = 500, wrote = 0, clear = 0;
  const lost = document.querySelector("#lost"), writes = document.querySelector("#writes");
  const log = () => live.querySelector(".log");
  const toEnd = () => { if (log()) log().scrollTop = log().scrollHeight; };
  const refresh = async (state) => {
    const url = new URL(live.dataset.from, location.href), seen = document.querySelector("#composer [name=seen]");
    if (seen) url.searchParams.set("seen", seen.value);
    const before = log(), near = !before || before.scrollHeight - before.scrollTop - before.clientHeight < 120;
    // Who is in the middle of choosing keeps their place, their choice and what they opened.
    const key = (one) => [one.tagName, one.id, one.name, one.value, one.closest("form")?.elements.draft?.value].join(" ");
    const inside = live.contains(document.activeElement) ? key(document.activeElement) : "";
    const chosen = live.querySelector("select")?.value, open = [...live.querySelectorAll("details")].map((one) => one.open);
    await htmx.ajax("GET", url.pathname + url.search, {target: live, swap: "innerHTML"});
    shown = state;
    live.querySelectorAll("details").forEach((one, place) => { one.open = Boolean(open[place]); });
    const select = live.querySelector("select");
    if (select && [...select.options].some((one) => one.value === chosen)) select.value = chosen;
    if (inside) [...live.querySelectorAll("a, button, select, summary, [tabindex]")].find((one) => key(one) === inside)?.focus();
    if (near) toEnd();
  };
  const connect = () => {
    const socket = new WebSocket(new URL(live.dataset.live, location.href.replace(/^http/, "ws")));
    socket.onopen = () => { lost.hidden = true; wait = 500; };
    socket.onmessage = (event) => {
      const told = JSON.parse(event.data);
      if (told.state && told.state !== shown) refresh(told.state);
      if (told.writes && writes) {
        writes.textContent = told.writes;
        clearTimeout(clear);
        clear = setTimeout(() => { writes.textContent = ""; }, 6000);
      }
    };
    socket.onclose = (event) => {
      if (event.code === 4401) return location.reload();
      lost.hidden = false;
      setTimeout(connect, wait);
      wait = Math.min(2 * wait, 15000);
    };
    live.socket = socket;
  };
  connect();
  toEnd();
  addEventListener("input", (event) => {
    if (!event.target.closest("#composer") || Date.now() - wrote < 3000 || live.socket.readyState !== 1) return;
    wrote = Date.now();
    live.socket.send("writing");
  });
  // A reply by name, and a draft to be changed, go into the text that is there.
  const insert = (text, draft) => {
    const area = document.querySelector("#composer textarea");
    if (!area || !text) return;
    area.setRangeText(draft || !area.value ? text : "\n\n" + text, draft ? 0 : area.value.length, area.value.length, "end");
    if (draft) document.querySelector("#composer [name=draft]").value = draft;
    area.dispatchEvent(new Event("input", {bubbles: true}));
    area.focus();
  };
  addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.matches("[data-named]")) {
      event.preventDefault();
      const answer = await fetch(form.dataset.named + "?name=" + encodeURIComponent(form.elements.name.value));
      if (answer.ok) insert(await answer.text(), "");
    }
    if (form.matches("[data-text]")) {
      event.preventDefault();
      insert(form.dataset.text, form.elements.edit.value);
    }
  });
}
// A file is read once it was chosen, or dropped on its form.
const reads = (form) => {
  for (const one of form.querySelectorAll("[data-reading]")) one.hidden = false;
  form.requestSubmit();
};
for (const form of document.querySelectorAll("form[data-drop]")) {
  const file = form.querySelector("input[type=file]");
  file.addEventListener("change", () => file.files.length && reads(form));
  form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    file.files = event.dataTransfer.files;
    reads(form);
  });
}
