// The chat page: shows the server's turns, and sends the visitor's messages until the server acknowledges them.
"use strict";
{
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const embedded = document.documentElement.classList.contains("embedded");
  const scroll = $("scroll"), log = $("log"), field = $("text"), sheet = $("sheet");
  const ACKNOWLEDGED = 8000; // milliseconds for the server to acknowledge a message
  const PAUSES = [300, 1000, 2000, 4000, 8000, 15000];
  const CODES = { tryLater: 1013, noCookie: 4401, flood: 4429 };

  // Storage may be blocked, for example in an embedded window; the chat works without it.
  const kept = {
    get: (where, name) => { try { return where().getItem(name); } catch { return null; } },
    set: (where, name, value) => { try { where().setItem(name, value); } catch { /* not stored */ } },
  };
  const local = () => localStorage, session = () => sessionStorage;

  const asked = new URLSearchParams(location.search).get("lang");
  let lang = [kept.get(local, "lang"), asked, document.documentElement.lang].find((one) => one in data.words);
  let last = null; // the number of the last turn shown
  let day = ""; // the day of the last turn shown
  let known = false; // whether the server has sent the conversation
  let byKeyboard = false; // whether the next choices get the focus
  let open = !embedded; // whether the window is open on the other site
  let unread = 0;
  let sources = 0; // sources shown so far, for their numbers
  let pending = JSON.parse(kept.get(session, "pending") || "[]"); // messages not answered yet
  const timers = new Map();

  const say = (name) => data.words[lang][name];

  function make(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "text") made.textContent = value;
      else if (name === "click") made.addEventListener("click", value);
      else made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  // --- language

  function translate() {
    document.documentElement.lang = lang === "zh" ? "zh-CN" : lang;
    document.title = say("title");
    for (const one of document.querySelectorAll("[data-words]")) one.textContent = say(one.dataset.words);
    for (const one of document.querySelectorAll("[data-placeholder]")) one.placeholder = say(one.dataset.placeholder);
    for (const one of document.querySelectorAll("[data-label]")) {
      one.setAttribute("aria-label", say(one.dataset.label));
      if (one.tagName === "BUTTON") one.title = say(one.dataset.label);
    }
    for (const one of document.querySelectorAll("[data-lang]")) {
      one.setAttribute("aria-pressed", String(one.dataset.lang === lang));
    }
    $("start").replaceChildren(
      make("h2", { text: say("hello") }), make("p", { class: "lead", text: say("start") }), ...offers(),
      ...(data.privacy ? [make("p", { class: "privacy" }, make("a", { href: data.privacy, target: "_blank", rel: "noopener", text: say("privacy") }))] : []),
    );
    $("offers").replaceChildren(...offers());
    showPending();
  }

  function offers() {
    const { topics, checks } = data.start[lang];
    return [["topics", topics], ["checks", checks]].map(([name, entries]) => make(
      "section", { class: name },
      make("h3", { text: say(name) }),
      make("ul", {}, ...entries.map(([label, says]) => make("li", {}, make("button", {
        type: "button", class: "offer", text: label,
        click: (event) => { sheet.close(); press(label, says, event); },
      })))),
    ));
  }

  for (const one of document.querySelectorAll("[data-lang]")) {
    one.addEventListener("click", () => {
      if (one.dataset.lang === lang) return;
      lang = one.dataset.lang;
      kept.set(local, "lang", lang);
      translate();
      // Tell the assistant only where a conversation has begun.
      if (last) send({ type: "press", says: `lang=${lang}`, label: say("name") });
    });
  }

  // --- turns

  function clock(at) {
    const when = new Date(at * 1000);
    const time = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(when);
    return make("time", { datetime: when.toISOString(), text: time });
  }

  function dayOf(at) {
    const when = new Date(at * 1000), now = new Date();
    const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
    if (when.toDateString() === now.toDateString()) return say("today");
    if (when.toDateString() === yesterday.toDateString()) return say("yesterday");
    return new Intl.DateTimeFormat(lang, { dateStyle: "long" }).format(when);
  }

  function bubbleOf(said) {
    return make("div", { class: "bubble", dir: "auto", text: said.text });
  }

  // Buttons that say whether an answer helped; what came of it is shown in their place.
  function showRating(buttons) {
    const [, yes] = buttons[0];
    return make("div", { class: "rating", role: "group", "aria-label": say("helped"), "data-rating": yes.split(".")[1] },
      ...buttons.map(([label, says]) => make("button", {
        type: "button", text: label,
        click: (event) => { event.target.disabled = true; press(label, says, event); },
      })));
  }

  function showRated(turn) {
    const [helped, tag] = turn.rated.split(".");
    const row = [...log.querySelectorAll("[data-rating]")].find((one) => one.dataset.rating === tag);
    const reply = turn.replies[0];
    if (!row || !reply) return null;
    row.replaceChildren(make("div", { class: "words", role: "status" }));
    row.firstChild.innerHTML = reply.html;
    if (helped === "no") field.focus({ preventScroll: true });
    return null;
  }

  function showTurn(turn, live) {
    if (turn.rated) return showRated(turn);
    if (turn.replies.some((reply) => reply.clears)) {
      log.replaceChildren();
      day = "";
    }
    const turnDay = dayOf(turn.at);
    if (turnDay !== day) log.append(make("p", { class: "day", text: turnDay }));
    day = turnDay;
    const shown = make("div", { class: "turn" });
    if (turn.said) {
      shown.append(make("div", { class: "row you" },
        make("span", { class: "unseen", text: `${say("you")}: ` }), bubbleOf(turn.said), make("p", { class: "meta" }, clock(turn.at))));
    }
    if (turn.replies.length) for (const one of log.querySelectorAll(".choices")) one.remove();
    turn.replies.forEach((reply, place) => {
      const row = showReply(reply);
      if (place === turn.replies.length - 1) row.append(make("p", { class: "meta" }, clock(turn.at)));
      shown.append(row);
      if (reply.rating) row.append(showRating(reply.rating));
      if (reply.buttons?.length) shown.append(showChoices(reply.buttons, reply.lang));
    });
    log.append(shown);
    if (live) speak(turn, turn.replies.flatMap((reply) => reply.buttons || []));
    return shown;
  }

  function showReply(reply) {
    const row = make("div", { class: "row bot" }, make("span", { class: "unseen", text: `${say("assistant")}: ` }));
    for (const [kind, name] of reply.files || []) row.append(showFile(kind, name));
    const bubble = make("div", { class: reply.verdict ? `card ${reply.verdict}` : "bubble", lang: reply.lang === "zh" ? "zh-CN" : "en" });
    if (reply.progress) {
      const { text, done, left } = reply.progress;
      bubble.append(make("div", { class: "progress" },
        make("span", { text }), make("progress", { max: done + left || 1, value: done, "aria-label": text })));
    }
    if (reply.sign) bubble.append(make("p", { class: "sign", text: reply.sign }));
    const words = make("div", { class: "words" });
    words.innerHTML = reply.html; // safe: the server makes it from Markdown and escapes HTML
    bubble.append(words);
    if (reply.source) words.append(...showSource(words, reply.source));
    if (reply.code) {
      bubble.append(make("p", { class: "keep" }, make("a", {
        href: `r/${encodeURIComponent(reply.code)}?lang=${reply.lang}`, target: "_blank", rel: "noopener", text: say("open_result"),
      })));
    }
    row.append(bubble);
    return row;
  }

  // The small print is shortened; a button beside it shows the full source.
  function showSource(words, source) {
    const whole = make("div", { class: "source", id: `source-${(sources += 1)}`, hidden: "" });
    whole.innerHTML = source; // safe: made by the server, as above
    const button = make("button", {
      type: "button", class: "about", "data-label": "source", "aria-label": say("source"), title: say("source"),
      "aria-expanded": "false", "aria-controls": whole.id,
      click: () => {
        whole.hidden = !whole.hidden;
        button.setAttribute("aria-expanded", String(!whole.hidden));
      },
    });
    const print = words.lastElementChild;
    if (print?.classList.contains("small")) {
      print.append(" ", button);
      return [whole];
    }
    return [button, whole];
  }

  function showFile(kind, name) {
    const address = `files/${name.split("/").map(encodeURIComponent).join("/")}`;
    if (kind === "data") {
      return make("a", { class: "file", href: `${name}${embedded ? "?embedded" : ""}`, download: name, text: name });
    }
    const inside = kind === "picture" ? make("img", { src: address, alt: name, loading: "lazy" }) : name;
    return make("a", { class: `file ${kind}`, href: address, target: "_blank", rel: "noopener" }, inside);
  }

  function showChoices(buttons, replyLang) {
    const long = buttons.some(([label]) => label.length > (replyLang === "zh" ? 16 : 30));
    return make("div", { class: `choices${long ? " long" : ""}`, role: "group", "aria-label": say("choices"), lang: replyLang },
      ...buttons.map(([label, says]) => make("button", {
        type: "button", class: "choice", text: label,
        click: (event) => { event.currentTarget.parentNode.remove(); press(label, says, event); },
      })));
  }

  // Screen readers announce only new replies, as text, with the choices' labels.
  function speak(turn, buttons) {
    const words = [...log.lastElementChild.querySelectorAll(".words")].map((one) => one.innerText);
    if (buttons.length) words.push(`${say("choices")}: ${buttons.map(([label]) => label).join("; ")}`);
    $("spoken").textContent = words.join("\n");
  }

  function showPending() {
    $("pending").replaceChildren(...pending.filter((one) => one.state === "failed" || !one.says?.startsWith("helped=")).map((one) => {
      const row = make("div", { class: `row you ${one.state}` }, make("span", { class: "unseen", text: `${say("you")}: ` }), bubbleOf({ text: one.text ?? one.label }));
      const meta = make("p", { class: "meta" }, one.state === "failed" ? `${one.why} ` : say(one.state === "got" ? "received" : "sending"));
      if (one.state === "failed") {
        meta.setAttribute("role", "alert");
        meta.append(make("button", { type: "button", class: "again", text: say("again"), click: () => retry(one) }));
      }
      row.append(meta);
      return row;
    }));
    $("typing").hidden = !pending.some((one) => one.state === "got");
    $("start").hidden = !known || last !== null || pending.length > 0;
    $("menu").hidden = !$("start").hidden;
    kept.set(session, "pending", JSON.stringify(pending));
  }

  function toBottom(smooth) {
    const behaviour = smooth && !matchMedia("(prefers-reduced-motion: reduce)").matches ? "smooth" : "instant";
    scroll.scrollTo({ top: scroll.scrollHeight, behavior: behaviour });
  }

  // Scroll to the beginning of a long answer.
  function reveal(shown) {
    const height = shown.getBoundingClientRect().height + $("pending").getBoundingClientRect().height;
    if (height < scroll.clientHeight - 32) toBottom(true);
    else scroll.scrollTo({ top: shown.offsetTop - 12, behavior: "instant" });
  }

  // --- saying something

  function press(label, says, event) {
    byKeyboard = event?.detail === 0;
    send({ type: "press", says, label });
  }

  function send(message) {
    const random = crypto.getRandomValues(new Uint8Array(12));
    const one = { ...message, id: Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join(""), lang, state: "sending" };
    pending.push(one);
    transmit(one);
    showPending();
    toBottom(true);
  }

  function retry(one) {
    one.state = "sending";
    transmit(one);
    showPending();
  }

  function transmit(one) {
    clearTimeout(timers.get(one.id));
    if (socket?.readyState !== WebSocket.OPEN || !known) return;
    const { state, why, ...frame } = one;
    socket.send(JSON.stringify(frame));
    // Detects a connection that broke without a close event.
    timers.set(one.id, setTimeout(() => socket?.close(), ACKNOWLEDGED));
  }

  function settled(id) {
    clearTimeout(timers.get(id));
    timers.delete(id);
  }

  // --- the connection

  let socket = null, failures = 0, waiting = 0;

  function connect() {
    clearTimeout(waiting);
    const url = new URL(`socket${embedded ? "?embedded" : ""}`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    known = false;
    const mine = (socket = new WebSocket(url));
    mine.onopen = () => mine.send(JSON.stringify({ type: "hello", after: last }));
    mine.onmessage = (event) => { if (mine === socket) hear(JSON.parse(event.data)); };
    mine.onclose = (event) => { if (mine === socket) lost(event.code); };
  }

  function lost(code) {
    socket = null;
    timers.forEach(clearTimeout);
    timers.clear();
    if (code === CODES.noCookie) {
      // Reload for a new cookie, but not twice within a minute: the browser may not keep cookies.
      const before = Number(kept.get(session, "loaded") || 0);
      kept.set(session, "loaded", String(Date.now()));
      if (Date.now() - before > 60000 && kept.get(session, "loaded")) location.reload();
      else notice(say("no_cookie"));
      return;
    }
    let pause = PAUSES[Math.min(failures, PAUSES.length - 1)];
    if (code === CODES.flood) pause = 60000;
    if (code === CODES.tryLater) pause = Math.max(pause, 10000);
    failures += 1;
    if (code === CODES.flood) notice(say("flooded"));
    else if (code === CODES.tryLater) notice(say("full"));
    else if (failures > 1) notice(say("offline"));
    for (const one of pending) if (one.state === "got") one.state = "sending";
    showPending();
    // A random delay, so that pages do not reconnect all at once after a restart.
    waiting = setTimeout(connect, pause * (0.8 + Math.random() * 0.4));
  }

  function hear(frame) {
    if (frame.type === "turns") hearTurns(frame.turns);
    if (frame.type === "got") {
      settled(frame.id);
      for (const one of pending) if (one.id === frame.id) one.state = "got";
      showPending();
      toBottom(true);
    }
    if (frame.type === "refused") {
      settled(frame.id);
      for (const one of pending) if (one.id === frame.id) Object.assign(one, { state: "failed", why: frame.text });
      showPending();
      toBottom(true);
    }
  }

  function hearTurns(turns) {
    const first = !known, empty = last === null;
    known = true;
    failures = 0;
    notice("");
    let shown = null;
    for (const turn of turns) {
      if (last !== null && turn.n <= last) continue;
      last = turn.n;
      if (turn.said) {
        pending = pending.filter((one) => one.id !== turn.said.id);
        settled(turn.said.id);
      }
      shown = showTurn(turn, !(first && empty));
    }
    if (first) for (const one of pending) if (one.state !== "failed") transmit(one);
    showPending();
    if (shown && first && empty) toBottom(false);
    else if (shown) reveal(shown);
    if (shown && byKeyboard) (shown.querySelector(".choice") || field).focus({ preventScroll: true });
    if (shown) byKeyboard = false;
    if (shown && !open && !(first && empty)) tell({ unread: (unread += 1) });
  }

  function notice(text) {
    if ($("notice").textContent === text) return;
    $("notice").textContent = text;
    $("notice").hidden = !text;
    if (pending.length) toBottom(false);
  }

  addEventListener("online", () => { if (!socket) connect(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !socket) connect(); });

  // --- the form

  function grow() {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 160)}px`;
  }

  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    byKeyboard = false;
    send({ type: "say", text });
    field.value = "";
    grow();
    field.focus();
  });
  field.addEventListener("input", grow);
  field.addEventListener("keydown", (event) => {
    // While an input method composes Chinese, Enter chooses a word.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      $("composer").requestSubmit();
    }
  });
  $("menu").addEventListener("click", () => sheet.showModal());
  $("shut").addEventListener("click", () => sheet.close());
  sheet.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });

  // --- the window on another site

  function tell(what) {
    if (embedded && parent !== window) parent.postMessage({ merchantChat: what }, "*"); // numbers only, no words
  }
  if (embedded && parent !== window) {
    $("close").hidden = false;
    // Messages that arrive while the window is closing count as unread.
    const close = () => { open = false; tell({ close: true }); };
    $("close").addEventListener("click", close);
    addEventListener("keydown", (event) => { if (event.key === "Escape" && !sheet.open) close(); });
    addEventListener("message", (event) => {
      if (event.source !== parent || typeof event.data?.merchantChat?.open !== "boolean") return;
      // The page that embeds the chat has changed its theme.
      const { theme } = event.data.merchantChat;
      if (theme && $("dark")) $("dark").media = theme === "dark" ? "screen" : "not all";
      open = event.data.merchantChat.open;
      if (!open) return;
      unread = 0;
      field.focus();
    });
    tell({ ready: true });
  }

  for (const one of pending) if (one.state === "got") one.state = "sending";
  translate();
  connect();
  // Show the start screen even without a connection.
  setTimeout(() => { if (last === null && !pending.length) $("start").hidden = false; }, 1500);
  if (!embedded && matchMedia("(pointer: fine)").matches) field.focus();
}
