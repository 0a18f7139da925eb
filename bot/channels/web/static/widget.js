// Adds a chat button and its window to any page:
//   <script src="https://chat.example.com/widget.js" async></script>
// docs/widget.md lists its attributes, and the functions and events of window.merchantChat. The server puts the brand's colour
// and name in the place of #0b6b63 and beside the labels.
"use strict";
(() => {
  // A module has no current script.
  const script = document.currentScript || [...document.scripts].find((one) => /\/widget\.js(\?|$)/.test(one.src));
  if (!script || window.merchantChat) return;
  const base = new URL(".", script.src).href, origin = new URL(base).origin, data = { ...script.dataset };
  const OPENS = 10000, FILLS = 3000; // milliseconds for the window to load, and then to tell that it is the chat
  const LEAST = 60000; // milliseconds between two questions for unread messages
  const known = {
    en: {
      label: "Chat with us", close: "Close the chat", again: "Try again",
      failed: "The chat cannot be reached at the moment.", desk: "A consultant has answered.",
    },
    zh: {
      label: "在线咨询", close: "关闭聊天", again: "重试",
      failed: "暂时无法打开聊天。", desk: "顾问已回复您。",
    },
  };
  const page = document.documentElement.lang.slice(0, 2);
  const words = known[[data.lang, page, navigator.language.slice(0, 2)].find((one) => one in known) || "en"];
  const label = data.label || words.label;
  const side = data.side === "left" ? "left" : "right";

  // Storage may be blocked: then the state ends with the page.
  const kept = {
    get: (where, name) => { try { return window[where].getItem(`merchant-chat-${name}`); } catch { return null; } },
    set: (where, name, value) => { try { window[where].setItem(`merchant-chat-${name}`, value); } catch { /* not stored */ } },
  };

  // A page may forbid markup from text (Trusted Types), so every element is made by itself.
  function make(name, attributes = {}, ...children) {
    const made = name === "svg" || name === "path" ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === "function") made.addEventListener(key, value);
      else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  }
  const drawing = (path) => make("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, make("path", { d: path }));
  const named = (name, text, path, click, ...more) => make("button", { class: name, "aria-label": text, title: text, click }, drawing(path), ...more);
  const CROSS = "m6 6 12 12M18 6 6 18";

  // A shadow tree and a frame keep the page's styles and the widget's apart.
  const host = document.createElement("merchant-chat");
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial !important; position: fixed !important; z-index: 2147483000 !important; bottom: 0 !important; ${side}: 0 !important; color-scheme: light dark !important; }
    button, section, .hint, iframe, b, .note { all: initial; box-sizing: border-box; font: 500 15px/1.4 system-ui, sans-serif; color: CanvasText; }
    button { cursor: pointer; display: grid; place-items: center; }
    svg { width: 22px; height: 22px; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    .launch { position: fixed; bottom: max(20px, env(safe-area-inset-bottom)); ${side}: 20px; width: 60px; height: 60px; border-radius: 50%;
      background: #0b6b63; color: #fff; box-shadow: 0 4px 16px rgb(0 0 0 / 25%); }
    .launch:hover { filter: brightness(.88); }
    .launch svg { width: 28px; height: 28px; }
    button:focus-visible { outline: 3px solid #fff; outline-offset: -2px; box-shadow: 0 0 0 4px #0b6b63; }
    b { position: absolute; top: -2px; right: -2px; min-width: 22px; border-radius: 11px; padding: 0 6px; background: #c62828; color: #fff; font-size: 13px; line-height: 22px; text-align: center; }
    section, .hint { position: fixed; ${side}: 20px; background: Canvas; color-scheme: inherit; box-shadow: 0 10px 40px rgb(0 0 0 / 28%); }
    section { display: block; bottom: 92px; width: min(400px, calc(100vw - 40px)); height: min(640px, calc(100vh - 112px)); border-radius: 18px; overflow: hidden; }
    iframe { width: 100%; height: 100%; background: Canvas; color-scheme: inherit; }
    .loading iframe, .failed iframe { position: absolute; visibility: hidden; }
    .note { position: absolute; inset: 0; display: grid; place-content: center; gap: 16px; padding: 24px; text-align: center; }
    .again { justify-self: center; min-height: 44px; padding: 0 22px; border-radius: 22px; background: #0b6b63; color: #fff; }
    .close { position: absolute; z-index: 1; top: 8px; right: 8px; width: 40px; height: 40px; border-radius: 10px; }
    .close:hover { background: rgb(128 128 128 / 18%); }
    .hint { display: flex; bottom: 92px; max-width: min(280px, calc(100vw - 40px)); border-radius: 16px; }
    .say { padding: 12px 0 12px 16px; }
    .no { flex: none; width: 44px; min-height: 44px; }
    [hidden] { display: none !important; }
    @media (max-width: 480px), (max-height: 480px) {
      section { inset: 0; width: 100%; height: 100vh; height: 100dvh; border-radius: 0; }
      .open { display: none; }
    }
    @media (max-height: 480px) { .close { top: 3px; } }
    @media (forced-colors: active) { button, section, .hint { border: 1px solid ButtonText; } }`);
  shadow.adoptedStyleSheets = [sheet];

  const count = make("b", { hidden: "" });
  const launch = named("launch", label, "M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z", () => show(!open), count);
  const note = make("div", { class: "note", role: "status" });
  const panel = make("section", { role: "dialog", "aria-label": label, tabindex: "-1", hidden: "" }, named("close", words.close, CROSS, () => show(false)), note);
  const hint = make("div", { class: "hint", hidden: "" });
  shadow.append(panel, hint, launch);

  let frame = null, timer = 0, ready = false, open = false, unread = 0, title = null;
  const waiting = [], listeners = {}, promised = [];

  const fire = (name, detail) => listeners[name]?.forEach((heard) => heard(detail));
  function tell(what) {
    if (ready) frame.contentWindow?.postMessage({ merchantChat: what }, origin);
    else waiting.push(what);
  }

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
    const query = new URLSearchParams(data.lang in known ? { lang: data.lang } : { page });
    if (data.theme) query.set("theme", data.theme);
    frame = make("iframe", { title: label, src: `${base}embed?${query}`, load: () => { if (!ready) expect(FILLS); } });
    enter("loading");
    if (open && shadow.activeElement) panel.focus();
    expect(OPENS);
    panel.append(frame);
  }
  function show(wanted, focus = true) {
    if (wanted && !frame) load();
    const changed = open !== wanted;
    open = wanted;
    panel.hidden = !open;
    hint.hidden = true;
    launch.classList.toggle("open", open);
    launch.setAttribute("aria-expanded", String(open));
    launch.ariaLabel = launch.title = open ? words.close : label;
    if (open) mark(0);
    kept.set("sessionStorage", "open", open ? "1" : "");
    if (ready) tell({ open, focus });
    if (open && focus) (ready ? frame : panel).focus();
    else if (!open && focus) launch.focus();
    if (changed) fire(open ? "open" : "close");
  }
  host.addEventListener("keydown", (event) => { if (event.key === "Escape" && open) show(false); });

  // The theme of the page, if the window follows it.
  function theme() {
    const html = document.documentElement, said = html.dataset.theme || html.className + getComputedStyle(html).colorScheme;
    return data.theme === "host" && !said.includes("light dark") && (said.includes("dark") ? "dark" : "light");
  }
  new MutationObserver(() => { if (ready && theme()) tell({ open, theme: theme() }); }).observe(document.documentElement, { attributes: true });

  // --- what is unread, and hints beside the button

  function mark(number) {
    if (number !== unread) fire("unread", number);
    unread = number;
    count.textContent = number > 9 ? "9+" : String(number);
    count.hidden = !number;
  }
  function suggest(text, name) {
    const dismiss = () => { hint.hidden = true; kept.set("sessionStorage", name, "1"); };
    hint.replaceChildren(make("button", { class: "say", click: () => { dismiss(); show(true); } }, text), named("no", words.close, CROSS, dismiss));
    hint.hidden = false;
  }
  function news(what) {
    mark(what.unread);
    if (what.desk) suggest(words.desk, "desk");
  }
  let looked = 0;
  async function look() {
    const seen = kept.get("localStorage", "seen");
    if (!seen || frame || document.hidden || Date.now() - looked < LEAST) return; // an open window hears by itself
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
      tell({ open, focus, theme: theme() });
      if (open && focus) frame.focus();
      waiting.splice(0).forEach(tell);
    }
    if (said.close && open) show(false);
    if (said.seen) kept.set("localStorage", "seen", String(said.seen));
    if (said.unread && !open) news(said);
    if ("title" in said) {
      title ??= document.title;
      document.title = said.title ? `(${said.title}) ${title}` : title;
      if (!said.title) title = null;
    }
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

  window.merchantChat = Object.freeze({
    open: () => show(true),
    close: () => show(false),
    ask: (text) => { show(true); tell({ ask: String(text) }); },
    identify: (person) => new Promise((resolve, reject) => { promised.push([resolve, reject]); tell({ identify: { ...person } }); }),
    on: (name, heard) => { (listeners[name] ??= []).push(heard); },
  });
  document.dispatchEvent(new Event("merchant-chat"));

  if (kept.get("sessionStorage", "open")) show(true, false);
  look();
  document.addEventListener("visibilitychange", look);
  if (data.greeting && location.pathname.startsWith(data.greetingOn || "/")) {
    setTimeout(() => {
      if (!frame && !kept.get("sessionStorage", "greeted")) suggest(data.greeting, "greeted");
    }, 1000 * (Number(data.greetingAfter) || 10));
  }
})();
