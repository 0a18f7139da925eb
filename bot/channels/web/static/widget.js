// Adds a chat button and its window to any page:
//   <script src="https://chat.example.com/widget.js" async></script>
// docs/widget.md lists its attributes, and the functions and events of window.merchantChat.
"use strict";
(() => {
  // A module has no current script.
  const script = document.currentScript || [...document.scripts].find((one) => /\/widget\.js(\?|$)/.test(one.src));
  if (!script || window.merchantChat) return;
  const { href: base, origin } = new URL(".", script.src), data = script.dataset;
  // Milliseconds for the window to load, then to tell that it is the chat; and between two questions for unread messages.
  const OPENS = 1e4, FILLS = 3e3, LEAST = 6e4;
  const known = {
    en: {
      label: "Chat with us", close: "Close the chat", again: "Try again",
      failed: "The chat cannot be reached.", desk: "A consultant has answered.",
    },
    zh: {
      label: "在线咨询", close: "关闭聊天", again: "重试",
      failed: "暂时无法打开聊天。", desk: "顾问已回复您。",
    },
  };
  const face = { colour: "#0b6b63" };
  const page = document.documentElement.lang.slice(0, 2);
  const lang = [data.lang, page, navigator.language.slice(0, 2)].find((one) => one in known) || "en";
  const words = known[lang], name = face[lang];
  const label = data.label || (name ? `${words.label} – ${name}` : words.label);
  const side = data.side === "left" ? "left" : "right";

  // Storage may be blocked: then the state ends with the page.
  function kept(where, name, value) {
    try {
      const store = window[`${where}Storage`];
      if (value !== undefined) store[`merchant-chat-${name}`] = value;
      return store[`merchant-chat-${name}`];
    } catch {
      // Not stored.
    }
  }

  // A page may forbid markup from text (Trusted Types), so every element is made by itself.
  function make(name, attributes = {}, ...children) {
    const made = document.createElementNS(`http://www.w3.org/${/svg|path/.test(name) ? "2000/svg" : "1999/xhtml"}`, name);
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === "function") made.addEventListener(key, value);
      else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }
  const drawing = (path) => make("svg", { viewBox: "0 0 24 24" }, make("path", { d: path }));
  const named = (name, text, path, click) => make("button", { class: name, "aria-label": text, click }, drawing(path));
  const CROSS = "m6 6 12 12M18 6 6 18";

  // A shadow tree and a frame keep the page's styles and the widget's apart.
  const host = make("merchant-chat", { keydown: (event) => { if (event.key === "Escape" && open) show(false); } });
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial !important; position: fixed !important; z-index: 2147483647 !important; }
    button, section, .hint, iframe, b, .note, img { all: initial; color-scheme: inherit; box-sizing: border-box; font: 500 15px/1.4 system-ui, sans-serif; color: CanvasText; }
    button { cursor: pointer; display: grid; place-items: center; }
    svg { width: 24px; fill: none; stroke: currentcolor; stroke-width: 2; }
    .launch { position: fixed; bottom: max(20px, env(safe-area-inset-bottom)); ${side}: 20px; box-shadow: 0 4px 16px rgb(0 0 0 / 25%); }
    .launch, img { width: 60px; height: 60px; border-radius: 50%; }
    .launch, .again { background: ${face.colour}; color: #fff; }
    button:hover { filter: brightness(.88); }
    button:focus-visible { outline: 3px solid #fff; outline-offset: -2px; box-shadow: 0 0 0 4px ${face.colour}; }
    img { border: 3px solid ${face.colour}; padding: 9px; object-fit: contain; background: #fff; }
    b { position: absolute; top: -2px; right: -2px; min-width: 22px; border-radius: 11px; padding: 0 6px; background: #c62828; color: #fff; font-size: 13px; line-height: 22px; text-align: center; }
    section, .hint { display: flex; position: fixed; bottom: 92px; ${side}: 20px; background: Canvas; box-shadow: 0 10px 40px rgb(0 0 0 / 28%); }
    section { width: min(400px, calc(100vw - 40px)); height: min(640px, calc(100vh - 112px)); border-radius: 18px; overflow: hidden; }
    iframe { width: 100%; height: 100%; background: Canvas; }
    .loading iframe, .failed iframe { position: absolute; visibility: hidden; }
    .note { position: absolute; inset: 0; display: grid; place-content: center; gap: 16px; padding: 24px; text-align: center; }
    .again { justify-self: center; padding: 12px 24px; border-radius: 24px; }
    .close { position: absolute; z-index: 1; top: 8px; right: 8px; width: 40px; height: 40px; }
    .hint { max-width: 280px; border-radius: 16px; }
    .say { padding: 12px 0 12px 16px; }
    .no { flex: none; width: 44px; }
    [hidden] { display: none !important; }
    @media (max-width: 480px), (max-height: 480px) {
      section { inset: 0; width: 100%; height: 100vh; height: 100dvh; border-radius: 0; }
      .open { display: none; }
    }
    @media (max-height: 480px) { .close { top: 3px; } }
    @media (forced-colors: active) { button, section, .hint { border: 1px solid ButtonText; } }`);
  shadow.adoptedStyleSheets = [sheet];

  const count = make("b", { hidden: "" });
  const launch = named("launch", label, "M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z", () => show(!open));
  launch.append(count);
  // Shown once it is there: the site's policy may forbid it.
  if (face.logo) make("img", { src: base + face.logo, alt: "", load() { launch.firstChild.replaceWith(this); } });
  const note = make("div", { class: "note", role: "status" });
  const panel = make("section", { role: "dialog", "aria-label": label, tabindex: "-1", hidden: "" }, named("close", words.close, CROSS, () => show(false)), note);
  const hint = make("div", { class: "hint", hidden: "" });
  shadow.append(panel, hint, launch);

  let frame, timer, ready, open = false, unread = 0;
  const waiting = [], promised = [];

  const events = new EventTarget();
  const fire = (name, detail) => events.dispatchEvent(new CustomEvent(name, { detail }));
  function tell(what) {
    if (ready) frame.contentWindow.postMessage({ merchantChat: what }, origin);
    else waiting.push(what);
  }

  // The visitor's theme, unless the site wishes another one, or its own.
  function theme() {
    const root = document.documentElement, wish = /\b(light|dark)\b/g;
    const said = data.theme === "host" ? [root.dataset.theme, root.className, getComputedStyle(root).colorScheme, "light"] : [data.theme];
    const [first, second] = said.map((one) => one?.match(wish)).find(Boolean) || [];
    return second ? "" : first || "";
  }
  function dress() {
    panel.style.colorScheme = hint.style.colorScheme = theme() || "light dark";
    if (ready) tell({ theme: theme() });
  }
  if (data.theme === "host") new MutationObserver(dress).observe(document.documentElement, { attributes: true });

  // --- the window

  function enter(state) {
    panel.className = state;
    note.replaceChildren(words[state] || "");
    note.hidden = state === "filled";
    if (state !== "failed") return;
    note.append(make("button", { class: "again", click: load }, words.again));
    if (shadow.activeElement) note.lastChild.focus();
  }
  function expect(milliseconds) {
    clearTimeout(timer);
    timer = setTimeout(enter, milliseconds, "failed");
  }
  function load() {
    ready = false;
    frame?.remove();
    const query = new URLSearchParams({ [data.lang in known ? "lang" : "page"]: data.lang || page, theme: theme() });
    frame = make("iframe", { title: label, src: `${base}embed?${query}`, load: () => { if (!ready) expect(FILLS); } });
    enter("loading");
    if (open && shadow.activeElement) panel.focus();
    expect(OPENS);
    panel.append(frame);
  }
  function show(wanted, focus = true) {
    if (wanted && !frame) load();
    if (open !== wanted) fire(wanted ? "open" : "close");
    open = wanted;
    panel.hidden = !open;
    hint.hidden = true;
    launch.classList.toggle("open", open);
    launch.ariaExpanded = open;
    launch.ariaLabel = open ? words.close : label;
    if (open) mark(0);
    kept("session", "open", open ? "1" : "");
    if (ready) tell({ open, focus });
    if (focus) (!open ? launch : ready ? frame : panel).focus();
  }

  // --- what is unread, and hints beside the button

  function mark(number) {
    if (number !== unread) fire("unread", number);
    unread = number;
    count.textContent = number;
    count.hidden = !number;
  }
  function suggest(text) {
    const dismiss = () => { hint.hidden = true; kept("session", "greeted", "1"); };
    hint.replaceChildren(make("button", { class: "say", click: () => { dismiss(); show(true); } }, text), named("no", words.close, CROSS, dismiss));
    hint.hidden = false;
  }
  function news(what) {
    mark(what.unread);
    if (what.desk) suggest(words.desk);
  }
  let looked = 0;
  async function look() {
    const seen = kept("local", "seen");
    // An open window hears by itself.
    if (!seen || frame || document.hidden || Date.now() - looked < LEAST) return;
    looked = Date.now();
    const answer = await fetch(`${base}unread?embedded&after=${seen}`, { credentials: "include" }).catch(() => null);
    if (answer?.ok && !open) news(await answer.json());
  }

  addEventListener("message", (event) => {
    const said = frame && event.source === frame.contentWindow && event.origin === origin && event.data?.merchantChat;
    if (!said) return;
    if (said.starting) {
      enter("filled");
      expect(OPENS);
    }
    if (said.ready) {
      clearTimeout(timer);
      enter("filled");
      ready = true;
      const focus = document.activeElement === host;
      tell({ open, focus });
      if (open && focus) frame.focus();
      waiting.splice(0).forEach(tell);
    }
    if (said.close && open) show(false);
    if (said.seen) kept("local", "seen", said.seen);
    if (said.unread && !open) news(said);
    if ("title" in said) document.title = (said.title ? `(${said.title}) ` : "") + document.title.replace(/^\(\d+\) /, "");
    if ("identified" in said) {
      const [resolve, reject] = promised.shift();
      if (said.identified) resolve();
      else reject(new Error(said.words));
    }
  });

  // Stands beside the body, and comes back when a site replaces the document's contents.
  const watch = new MutationObserver(() => stay());
  function stay() {
    const root = document.documentElement;
    if (!root) return;
    if (!host.isConnected) {
      root.append(host);
      if (frame) load();
    }
    watch.observe(document, { childList: true });
    watch.observe(root, { childList: true });
  }
  stay();
  dress();

  window.merchantChat = {
    open: () => show(true),
    close: () => show(false),
    ask: (text) => { show(true); tell({ ask: text }); },
    identify: (person) => new Promise((resolve, reject) => { promised.push([resolve, reject]); tell({ identify: person }); }),
    on: (name, heard) => events.addEventListener(name, (event) => heard(event.detail)),
  };

  if (kept("session", "open")) show(true, false);
  look();
  document.addEventListener("visibilitychange", look);
  if (data.greeting && location.pathname.startsWith(data.greetingOn || "/")) {
    setTimeout(() => {
      if (!frame && !kept("session", "greeted")) suggest(data.greeting);
    }, 1e3 * (data.greetingAfter || 10));
  }
})();
