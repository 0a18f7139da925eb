// Adds a chat button and its window to any page:
//   <script src="https://chat.example.com/widget.js" async></script>
// data-lang="en|zh" sets the language, data-side="left" the side, data-label the button's text, data-theme="light|dark|host" the
// colours: by default the visitor's setting, with "host" those of the page.
"use strict";
(() => {
  const script = document.currentScript;
  if (!script || document.querySelector("merchant-chat")) return;
  const base = new URL(".", script.src);
  const face = { colour: "#0b6b63", hover: "#095a53", name: {} };
  const known = { en: ["Chat with us", "Close the chat"], zh: ["在线咨询", "关闭聊天"] };
  const lang = [script.dataset.lang, document.documentElement.lang.slice(0, 2)].find((one) => one in known) || "";
  const words = known[lang || (navigator.language.startsWith("zh") ? "zh" : "en")];
  const name = face.name[words === known.zh ? "zh" : "en"];
  const label = script.dataset.label || (name ? `${words[0]} – ${name}` : words[0]);
  const side = script.dataset.side === "left" ? "left" : "right";

  // A shadow tree and a frame keep the page's styles and the widget's apart.
  const host = document.createElement("merchant-chat");
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial !important; position: fixed !important; z-index: 2147483000 !important; bottom: 0 !important; ${side}: 0 !important; }
    button {
      all: initial; position: fixed; bottom: max(20px, env(safe-area-inset-bottom)); ${side}: 20px; width: 60px; height: 60px;
      border-radius: 50%; background: ${face.colour}; color: #fff; cursor: pointer; box-shadow: 0 4px 16px rgb(0 0 0 / 25%);
      display: grid; place-items: center;
    }
    button:hover { background: ${face.hover}; }
    button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px ${face.colour}; }
    svg { width: 28px; height: 28px; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
    b { all: initial; position: absolute; top: -2px; right: -2px; min-width: 22px; height: 22px; border-radius: 11px; padding: 0 6px; box-sizing: border-box;
      background: #c62828; color: #fff; font: 700 13px/22px system-ui, sans-serif; text-align: center; }
    iframe {
      all: initial; position: fixed; bottom: 92px; ${side}: 20px; width: min(400px, calc(100vw - 40px)); height: min(640px, calc(100vh - 112px));
      border: 0; border-radius: 18px; box-shadow: 0 10px 40px rgb(0 0 0 / 28%); background: Canvas; color-scheme: light dark;
    }
    [hidden] { display: none; }
    @media (max-width: 480px) {
      iframe { inset: 0; width: 100%; height: 100dvh; border-radius: 0; }
      .open { display: none; }
    }`);
  shadow.adoptedStyleSheets = [sheet];

  const button = document.createElement("button");
  button.type = "button";
  button.innerHTML = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z"/></svg>';
  const count = document.createElement("b");
  count.hidden = true;
  button.append(count);
  shadow.append(button);
  let frame = null;

  function theme() {
    const wish = script.dataset.theme, page = document.documentElement;
    if (wish !== "host") return wish === "light" || wish === "dark" ? wish : "";
    const said = [page.dataset.theme || page.className, getComputedStyle(page).colorScheme].find((one) => /\b(light|dark)\b/.test(one)) || "light";
    return /\blight\b.*\bdark\b/.test(said) ? "" : /\bdark\b/.test(said) ? "dark" : "light";
  }
  function tell() {
    frame.contentWindow?.postMessage({ merchantChat: { open: !frame.hidden, theme: theme() } }, base.origin);
  }
  if (script.dataset.theme === "host") new MutationObserver(() => frame && tell()).observe(document.documentElement, { attributes: true });
  function show(open) {
    if (!frame) {
      frame = document.createElement("iframe");
      const asked = new URLSearchParams(Object.entries({ lang, theme: script.dataset.theme === "host" ? "" : theme() }).filter((one) => one[1]));
      frame.src = new URL(`embed${asked.size ? `?${asked}` : ""}`, base).href;
      frame.title = label;
      shadow.append(frame);
    }
    frame.hidden = !open;
    button.classList.toggle("open", open);
    button.setAttribute("aria-expanded", String(open));
    button.setAttribute("aria-label", open ? words[1] : label);
    button.title = open ? words[1] : label;
    count.hidden = true;
    tell();
    if (open) frame.focus(); else button.focus();
  }

  button.setAttribute("aria-label", label);
  button.setAttribute("aria-expanded", "false");
  button.title = label;
  button.addEventListener("click", () => show(!frame || frame.hidden));
  addEventListener("message", (event) => {
    const said = frame && event.source === frame.contentWindow && event.origin === base.origin && event.data?.merchantChat;
    if (!said) return;
    if (said.ready) tell();
    if (said.close && !frame.hidden) show(false);
    if (said.unread && frame.hidden) {
      count.textContent = String(said.unread);
      count.hidden = false;
    }
  });
  const place = () => document.body.append(host);
  if (document.body) place(); else addEventListener("DOMContentLoaded", place);
})();
