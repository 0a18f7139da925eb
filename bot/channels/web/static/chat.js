// The chat page: shows the server's turns, and sends the visitor's messages until the server acknowledges them.
"use strict";
{
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const embedded = document.documentElement.classList.contains("embedded");
  const scroll = $("scroll"), log = $("log"), field = $("text"), sheet = $("sheet");
  const ACKNOWLEDGED = 8000; // milliseconds for the server to acknowledge a message
  const PAUSES = [300, 1000, 2000, 4000, 8000, 15000];
  const LONGEST = 4000; // characters of a message
  const TYPES = 4000; // milliseconds between two words to the consultant that the visitor is typing
  const HELD = 500; // milliseconds after a press, and after new choices have appeared, in which none is taken
  const CODES = { tryLater: 1013, noCookie: 4401, flood: 4429 };

  // Storage may be blocked, for example in an embedded window; the chat works without it.
  const kept = {
    get: (where, name) => { try { return where().getItem(name); } catch { return null; } },
    set: (where, name, value) => { try { where().setItem(name, value); } catch { /* not stored */ } },
  };
  const local = () => localStorage, session = () => sessionStorage;

  // A language asked for by the address wins, unless the visitor has chosen another one since.
  const asked = new URLSearchParams(location.search).get("lang") || "";
  const chosen = kept.get(local, "lang") || "";
  const wins = asked in data.words && kept.get(local, "asked") !== asked;
  let lang = [wins ? asked : chosen, asked, document.documentElement.lang.slice(0, 2)].find((one) => one in data.words);
  let last = null; // the number of the last turn shown
  let oldest = null; // the number of the first turn shown
  let day = ""; // the day of the last turn shown
  let following = true; // whether new messages are scrolled into view
  let missed = 0; // messages that came below what the visitor reads
  let refused = false; // whether the browser keeps no cookie
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
      else if (typeof value === "function") made.addEventListener(name, value);
      else made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  // --- language

  function translate() {
    document.documentElement.lang = lang === "zh" ? "zh-CN" : lang;
    document.title = news ? `(${news}) ${say("title")}` : say("title");
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
    $("actions").replaceChildren(...actions());
    for (const one of log.querySelectorAll(".day")) one.textContent = dayOf(one.dataset.day);
    for (const one of log.querySelectorAll("[data-lines]")) one.textContent = `${say(one.dataset.lines)}: `;
    showLimit();
    showPill();
    showTalk();
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

  // The menu's entries: statements for the assistant, and what the page does by itself.
  function actions() {
    const statement = (name, says) => [name, (event) => press(say(name), says, event)];
    const entries = [
      ...("consultant" in document.documentElement.dataset ? [statement("consultant", "consultant")] : []),
      statement("anew", "start"), ["save", () => whole(saveText)], ["print", () => whole(() => print())],
      statement("my_data", "mydata"), statement("erase", "forget=ask"),
    ];
    const noisy = make("button", {
      type: "button", class: "offer", role: "switch", "aria-checked": String(notifying), text: say("sound"),
      click: () => {
        notifying = !notifying;
        kept.set(local, "notify", notifying ? "1" : "");
        noisy.setAttribute("aria-checked", String(notifying));
        if (notifying) beep();
      },
    });
    return [...entries.map(([name, click]) => make("button", {
      type: "button", class: "offer", text: say(name), click: (event) => { sheet.close(); click(event); },
    })), noisy];
  }

  // Do something with the whole conversation, once its older turns are loaded.
  let wholeWanted = null;
  function whole(then) {
    wholeWanted = then;
    if ($("earlier").hidden || socket?.readyState !== WebSocket.OPEN) haveWhole();
    else askOlder();
  }
  function haveWhole() {
    const then = wholeWanted;
    wholeWanted = null;
    then?.();
  }

  function saveText() {
    const lines = [...log.querySelectorAll(".day, .row")].map((row) => {
      if (row.dataset.day) return `\n${row.textContent}\n`;
      const words = [...row.querySelectorAll(".bubble, .card")].map((one) => one.innerText.trim() || one.querySelector("img")?.alt).join("\n");
      return `${row.querySelector(".unseen").textContent}${words}\n`;
    });
    const link = make("a", { href: URL.createObjectURL(new Blob([lines.join("\n").trim()], { type: "text/plain" })), download: `${say("title")}.txt` });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  // A short sound and a count in the title tell of news, if the visitor wants it and looks elsewhere.
  let notifying = Boolean(kept.get(local, "notify")), news = 0, audio = null;
  function beep() {
    audio ??= new AudioContext();
    const sound = audio.createOscillator(), volume = audio.createGain(), now = audio.currentTime;
    sound.frequency.value = 660;
    volume.gain.setValueAtTime(0.08, now);
    volume.gain.exponentialRampToValueAtTime(0.0001, now + 0.35);
    sound.connect(volume).connect(audio.destination);
    sound.start(now);
    sound.stop(now + 0.4);
  }
  function notify(count) {
    if (!notifying || (open && document.hasFocus() && !document.hidden)) return;
    news += count;
    beep();
    showNews();
  }
  function showNews() {
    document.title = news ? `(${news}) ${say("title")}` : say("title");
    tell({ title: news });
  }
  function noticed() {
    saw();
    if (!news || !open || document.hidden) return;
    news = 0;
    showNews();
  }
  for (const what of ["focus", "pointerdown", "keydown"]) addEventListener(what, noticed);

  for (const one of document.querySelectorAll("[data-lang]")) {
    one.addEventListener("click", () => {
      if (one.dataset.lang === lang) return;
      lang = one.dataset.lang;
      kept.set(local, "lang", lang);
      kept.set(local, "asked", asked);
      translate();
      // Tell the assistant only where a conversation has begun, and not in the visitor's name.
      if (last || pending.length) send({ type: "press", says: `lang=${lang}`, label: say("name"), quiet: true });
    });
  }

  // --- turns

  function clock(at) {
    const when = new Date(at * 1000);
    const time = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(when);
    return make("time", { datetime: when.toISOString(), text: time });
  }

  function dayOf(date) {
    const when = new Date(date), now = new Date();
    const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
    if (when.toDateString() === now.toDateString()) return say("today");
    if (when.toDateString() === yesterday.toDateString()) return say("yesterday");
    return new Intl.DateTimeFormat(lang, { dateStyle: "long" }).format(when);
  }

  function bubbleOf(said) {
    if (said.file) return make("div", { class: "bubble", dir: "auto" }, sentFile(said.file));
    return make("div", { class: "bubble", dir: "auto", text: said.text });
  }

  const PAPER = "M6 3h8l5 5v13H6zM14 3v5h5";
  function drawing(path) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.append(document.createElementNS(svg.namespaceURI, "path"));
    svg.firstChild.setAttribute("d", path);
    return svg;
  }

  // A file between the visitor and a consultant: a picture to look at, anything else to save. One that is on its way has no address.
  function sentFile({ id, name, type, size, address }) {
    const href = address || (id && `sent/${id}${embedded ? "?embedded" : ""}`);
    const number = new Intl.NumberFormat(lang, { maximumFractionDigits: 1, style: "unit", unit: size < 1e6 ? "kilobyte" : "megabyte" });
    const shown = /^image\/(png|jpeg|gif|webp)$/.test(type)
      ? [make("img", { ...(href ? { src: href } : {}), alt: name, load: () => { if (following) toBottom(false); }, error: (event) => event.target.replaceWith(name) })]
      : [drawing(PAPER), make("span", {}, name, make("small", { text: number.format(size / (size < 1e6 ? 1e3 : 1e6)) }))];
    return id ? make("a", { class: "sent", href, target: "_blank", rel: "noopener" }, ...shown) : make("span", { class: "sent" }, ...shown);
  }

  // Buttons that say whether an answer helped; what came of it is shown in their place.
  function showRating(buttons) {
    const [, yes] = buttons[0];
    return make("div", { class: "rating", role: "group", "aria-label": say("helped"), "data-label": "helped", "data-rating": yes.split(".")[1] },
      ...buttons.map(([label, says]) => make("button", {
        type: "button", text: label.replace(/^\p{Extended_Pictographic}\uFE0F? /u, ""), // a thumb is for small keyboards
        click: (event) => {
          for (const one of event.target.parentNode.children) one.disabled = true;
          press(label, says, event);
        },
      })));
  }

  const isRating = (one) => Boolean(one.says?.startsWith("helped="));

  function showRated(turn) {
    const [helped, tag] = turn.rated.split(".");
    const row = [...log.querySelectorAll("[data-rating]")].find((one) => one.dataset.rating === tag);
    const reply = turn.replies[0];
    if (!row || !reply) return null;
    delete row.dataset.rating;
    row.replaceChildren(make("div", { class: "words", role: "status" }));
    row.firstChild.innerHTML = reply.html;
    if (helped === "no") field.focus({ preventScroll: true });
    return null;
  }

  function showTurn(turn, live) {
    if (turn.rated) return showRated(turn);
    if (turn.replies.some((reply) => reply.clears)) {
      log.replaceChildren();
      $("earlier").hidden = true;
      oldest = turn.n;
      day = "";
    }
    const turnDay = new Date(turn.at * 1000).toDateString();
    if (turnDay !== day) log.append(showDay(turnDay));
    day = turnDay;
    // Only the last answer's buttons stand: which one an earlier "Yes" would be about, nobody could tell.
    if (turn.replies.length) for (const one of log.querySelectorAll(".choices, [data-rating]")) one.remove();
    const shown = turnOf(turn);
    turn.replies.forEach((reply, place) => {
      const row = shown.querySelectorAll(".row.bot")[place];
      if (reply.rating) row.append(showRating(reply.rating));
      if (reply.buttons?.length) row.after(showChoices(reply.buttons, reply.lang));
    });
    log.append(shown);
    if (shown.querySelector(".choices")) hold();
    if (live) speak(turn, turn.replies.flatMap((reply) => reply.buttons || []));
    return shown;
  }

  function showDay(date) {
    return make("p", { class: "day", "data-day": date, text: dayOf(date) });
  }

  function nameOf(who) {
    return make("span", { class: "unseen", "data-lines": who, text: `${say(who)}: ` });
  }

  function turnOf(turn) {
    const shown = make("div", { class: "turn", "data-n": turn.n });
    if (turn.said) shown.append(make("div", { class: "row you" }, nameOf("you"), bubbleOf(turn.said), make("p", { class: "meta" }, clock(turn.at))));
    turn.replies.forEach((reply, place) => {
      const row = showReply(reply);
      if (place === turn.replies.length - 1) row.append(make("p", { class: "meta" }, clock(turn.at)));
      shown.append(row);
    });
    return shown;
  }

  // Older turns come above those shown, and what is being read stays where it is.
  function showOlder(turns, more) {
    const cleared = turns.findLastIndex((turn) => turn.replies.some((reply) => reply.clears));
    if (cleared >= 0) [turns, more] = [turns.slice(cleared), false];
    const above = document.createDocumentFragment();
    let before = "";
    for (const turn of turns) {
      const turnDay = new Date(turn.at * 1000).toDateString();
      if (turnDay !== before) above.append(showDay(turnDay));
      before = turnDay;
      if (!turn.rated) above.append(turnOf(turn));
    }
    if (log.firstElementChild?.dataset.day === before) log.firstElementChild.remove();
    const height = scroll.scrollHeight, top = scroll.scrollTop;
    log.prepend(above);
    if (turns.length) oldest = turns[0].n;
    $("earlier").hidden = !more;
    scroll.scrollTop = top + scroll.scrollHeight - height;
    asking = false;
    if (wholeWanted && more) askOlder();
    else haveWhole();
  }

  let asking = false; // whether older turns are on their way
  function askOlder() {
    if (asking || oldest === null || !known || socket?.readyState !== WebSocket.OPEN) return;
    asking = true;
    socket.send(JSON.stringify({ type: "older", before: oldest }));
  }

  function showReply(reply) {
    const row = make("div", { class: "row bot" }, nameOf("assistant"));
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
    if (reply.file) bubble.append(sentFile(reply.file));
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
        keydown: (event) => { if (event.repeat) event.preventDefault(); }, // a key held down answers once
      })));
  }

  // Screen readers announce only new replies, as text, with the choices' labels.
  function speak(turn, buttons) {
    const words = [...log.lastElementChild.querySelectorAll(".words")].map((one) => one.innerText);
    if (buttons.length) words.push(`${say("choices")}: ${buttons.map(([label]) => label).join("; ")}`);
    $("spoken").textContent = words.join("\n");
  }

  function showPending() {
    $("pending").replaceChildren(...pending.filter((one) => !one.quiet && (one.state === "failed" || !isRating(one))).map((one) => {
      const row = make("div", { class: `row you ${one.state}` }, nameOf("you"), bubbleOf({ text: one.text ?? one.label, file: one.shown }));
      const meta = make("p", { class: "meta" }, one.state === "failed" ? `${why(one)} ` : say(one.state === "got" ? "received" : "sending"));
      if (one.state === "failed") {
        if (!one.counting) meta.setAttribute("role", "alert");
        meta.append(one.final
          ? make("button", { type: "button", class: "again", text: say("close"), click: () => drop(one) })
          : make("button", { type: "button", class: "again", text: say("again"), click: () => retry(one) }));
      }
      row.append(meta);
      return row;
    }));
    $("typing").hidden = !pending.some((one) => one.state === "got");
    $("start").hidden = !(known || refused) || last !== null || pending.length > 0;
    // A file that is not there yet goes with the page.
    kept.set(session, "pending", JSON.stringify(pending.filter((one) => !one.shown || one.file)));
  }

  // Why a message was refused; the seconds to wait are counted down.
  function why(one) {
    if (one.why === undefined) return say("no_cookie");
    const left = Math.ceil((one.until - Date.now()) / 1000);
    if (!one.wait) return one.why;
    return left > 0 ? one.why.replace(String(one.wait), String(left)) : say("failed");
  }

  setInterval(() => {
    const counting = pending.filter((one) => one.wait && one.state === "failed");
    if (!counting.length) return;
    for (const one of counting) one.counting = true; // told to screen readers once, not each second
    const metas = $("pending").querySelectorAll(".failed .meta");
    pending.filter((one) => one.state === "failed" && !one.quiet).forEach((one, place) => {
      metas[place]?.removeAttribute("role");
      if (metas[place]) metas[place].firstChild.data = `${why(one)} `;
    });
  }, 1000);

  function showPill() {
    $("pill").hidden = !missed;
    $("pill").textContent = missed === 1 ? say("new_one") : say("new_many").replace("{n}", String(missed));
  }

  function atBottom() {
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 48;
  }

  function toBottom(smooth) {
    following = true;
    missed = 0;
    showPill();
    const behaviour = smooth && !matchMedia("(prefers-reduced-motion: reduce)").matches ? "smooth" : "instant";
    scroll.scrollTo({ top: scroll.scrollHeight, behavior: behaviour });
  }

  // Scroll to a turn; of a long one, to the beginning of its answer, with the end of the question above it.
  function reveal(shown) {
    const height = shown.getBoundingClientRect().height + $("pending").getBoundingClientRect().height;
    if (height < scroll.clientHeight - 32) return toBottom(true);
    const answer = shown.querySelector(".row.bot") || shown;
    const above = Math.min(answer.offsetTop - shown.offsetTop, scroll.clientHeight / 4);
    scroll.scrollTo({ top: answer.offsetTop - above - 12, behavior: "instant" });
    following = atBottom();
  }

  // A keyboard that opens or a notice takes height away from the conversation, not from its end.
  new ResizeObserver(() => { if (following && last !== null) toBottom(false); }).observe(scroll);

  let before = 0;
  scroll.addEventListener("scroll", () => {
    if (atBottom()) {
      following = true;
      missed = 0;
      showPill();
    } else if (scroll.scrollTop < before) following = false;
    before = scroll.scrollTop;
    if (scroll.scrollTop < 120 && !$("earlier").hidden && last !== null) askOlder();
  });
  $("pill").addEventListener("click", () => { toBottom(true); field.focus({ preventScroll: true }); });
  $("older").addEventListener("click", askOlder);

  // No choice is taken just after it appeared, and none looks chosen because it came to lie under the pointer.
  let held = 0;
  function hold() {
    clearTimeout(held);
    document.documentElement.classList.add("held", "still");
    held = setTimeout(() => document.documentElement.classList.remove("held"), HELD);
  }
  addEventListener("pointermove", (event) => {
    if (event.movementX || event.movementY) document.documentElement.classList.remove("still");
  });

  // --- a talk with a consultant

  let talk = null;
  function showTalk() {
    const line = $("talk");
    line.hidden = $("attach").hidden = !talk;
    for (const one of log.querySelectorAll(".meta .came")) one.remove();
    if (!talk) return;
    const name = talk.name[lang];
    line.querySelector(".title").textContent = name;
    line.querySelector(".state").textContent = talk.state[lang];
    line.querySelector(".face").textContent = talk.held ? [...name][0].toUpperCase() : "";
    for (const which of ["seen", "delivered"]) mark(which, talk[which]);
  }
  // Below the last own message that came so far, as messengers do.
  function mark(which, until) {
    const own = [...log.querySelectorAll(".turn .row.you")].filter((row) => Number(row.parentNode.dataset.n) <= until);
    const meta = own.at(-1)?.querySelector(".meta");
    if (meta && !meta.querySelector(".came")) meta.append(make("span", { class: "came", text: ` · ${say(`talk_${which}`)}` }));
  }
  // Tell the consultant once that their last message is in view.
  let fromDesk = 0, told = 0, typed = 0;
  function saw() {
    if (!talk || fromDesk <= told || !open || document.hidden || !following || socket?.readyState !== WebSocket.OPEN) return;
    told = fromDesk;
    socket.send(JSON.stringify({ type: "saw", turn: told }));
  }
  $("end").addEventListener("click", (event) => {
    $("end").disabled = true; // once is enough
    press(say("talk_end"), "end", event);
  });

  // Files go to the server first, and then as a message, which names them.
  const blobs = new Map();
  function attach(files) {
    if (talk) for (const blob of files) sendBlob(blob);
  }
  function sendBlob(blob) {
    const shown = { name: blob.name, type: blob.type, size: blob.size, address: URL.createObjectURL(blob) };
    const one = { type: "file", id: newId(), lang, state: "sending", shown };
    blobs.set(one.id, blob);
    pending.push(one);
    showPending();
    toBottom(true);
    upload(one);
  }
  async function upload(one) {
    const blob = blobs.get(one.id), named = (name) => say(name).replace("{name}", blob.name).replace("{most}", data.largest_mb);
    const refuse = (why, final) => { Object.assign(one, { state: "failed", why, wait: 0, final }); showPending(); };
    if (blob.size > data.largest) return refuse(named("file_large"), true);
    const query = new URLSearchParams({ name: blob.name, lang, ...(embedded ? { embedded: "" } : {}) });
    const answer = await fetch(`sent?${query}`, { method: "POST", body: blob }).catch(() => null);
    const told = await answer?.json().catch(() => null);
    if (!answer?.ok) return refuse(told?.words || named("file_lost"), [413, 415].includes(answer?.status)); // it never will be taken
    URL.revokeObjectURL(one.shown.address);
    Object.assign(one, { file: told.id, shown: told });
    blobs.delete(one.id);
    transmit(one);
    showPending();
  }
  function drop(one) {
    pending = pending.filter((other) => other !== one);
    blobs.delete(one.id);
    URL.revokeObjectURL(one.shown.address);
    showPending();
  }
  $("attach").addEventListener("click", () => $("chooser").click());
  $("chooser").addEventListener("change", () => { attach($("chooser").files); $("chooser").value = ""; });
  field.addEventListener("paste", (event) => {
    if (!talk || !event.clipboardData.files.length) return;
    event.preventDefault();
    attach(event.clipboardData.files);
  });
  const dropping = (on) => document.documentElement.classList.toggle("dropping", on);
  addEventListener("dragover", (event) => { if (talk) { event.preventDefault(); dropping(true); } });
  addEventListener("dragleave", () => dropping(false));
  addEventListener("drop", (event) => {
    dropping(false);
    if (!talk) return;
    event.preventDefault();
    attach(event.dataTransfer.files);
  });

  // --- saying something

  function press(label, says, event) {
    byKeyboard = event?.detail === 0;
    hold();
    send({ type: "press", says, label });
  }

  function newId() {
    return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function send(message) {
    const one = { ...message, id: newId(), lang, state: refused ? "failed" : "sending" };
    pending.push(one);
    transmit(one);
    showPending();
    if (!one.quiet && !isRating(one)) toBottom(true);
  }

  function retry(one) {
    Object.assign(one, { state: "sending", why: undefined, wait: 0, counting: false });
    if (refused) connect();
    else if (one.shown && !one.file) upload(one);
    else transmit(one);
    showPending();
  }

  function transmit(one) {
    clearTimeout(timers.get(one.id));
    if (one.shown && !one.file) return; // not uploaded yet
    if (socket?.readyState !== WebSocket.OPEN || !known) return;
    const { state, why, wait, until, counting, shown, final, ...frame } = one;
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
      if (Date.now() - before > 60000 && kept.get(session, "loaded")) return location.reload();
      refused = true;
      for (const one of pending) Object.assign(one, { state: "failed", why: undefined });
      notice(say("no_cookie"));
      showPending();
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
    if (frame.type === "turns") hearTurns(frame.turns, frame.more);
    if (frame.type === "identified" && !introduced) {
      introduced = true;
      tell({ identified: !frame.words, words: frame.words });
    }
    if (frame.type === "talk") {
      talk = frame.talk;
      saw();
      $("end").disabled = false;
      showTalk();
    }
    if (frame.type === "older") showOlder(frame.turns, frame.more);
    if (frame.type === "got") {
      settled(frame.id);
      pending = pending.filter((one) => one.id !== frame.id || !one.quiet);
      for (const one of pending) if (one.id === frame.id) one.state = "got";
      showPending();
      if (following) toBottom(true);
    }
    if (frame.type === "refused") {
      settled(frame.id);
      const { text, wait } = frame;
      for (const one of pending) if (one.id === frame.id) Object.assign(one, { state: "failed", why: text, wait, until: Date.now() + wait * 1000 });
      showPending();
      if (following) toBottom(true);
    }
  }

  function hearTurns(turns, more) {
    const first = !known, empty = last === null;
    known = true;
    refused = false;
    if (first) introduce();
    if (empty) $("earlier").hidden = !more;
    asking = false;
    failures = 0;
    notice("");
    let shown = null, shownNow = 0, desk = false;
    for (const turn of turns) {
      if (last !== null && turn.n <= last) continue;
      last = turn.n;
      oldest ??= turn.n;
      if (turn.said) {
        pending = pending.filter((one) => one.id !== turn.said.id);
        settled(turn.said.id);
      }
      const made = showTurn(turn, !(first && empty));
      if (!made) continue;
      shown = made;
      shownNow += 1;
      desk ||= Boolean(turn.desk);
      if (turn.desk) fromDesk = turn.n;
    }
    for (const one of pending) {
      if (one.state === "failed" && one.why === undefined) one.state = "sending";
      if (first && one.state !== "failed") transmit(one);
    }
    showPending();
    if (shown && first && empty) toBottom(false);
    else if (shown && following) reveal(shown);
    else if (shown) {
      missed += shownNow;
      showPill();
    }
    if (shown && byKeyboard) (shown.querySelector(".choice") || field).focus({ preventScroll: true });
    if (shown) byKeyboard = false;
    if (shown && !(first && empty)) notify(shownNow);
    saw();
    if (open) tell({ seen: last });
    else if (shown && !(first && empty)) tell({ unread: (unread += shownNow), desk });
  }

  function notice(text) {
    if ($("notice").textContent === text) return;
    $("notice").textContent = text;
    $("notice").hidden = !text;
    if (following && last !== null) toBottom(false);
  }

  addEventListener("online", () => { if (!socket) connect(); });
  document.addEventListener("visibilitychange", () => {
    noticed();
    if (!document.hidden && !socket) connect();
  });

  // --- the form

  function grow() {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 160)}px`;
    kept.set(session, "draft", field.value);
    showLimit();
  }

  // Say that a text is too long, with the number of characters, before it is sent.
  function showLimit() {
    const over = field.value.trim().length - LONGEST;
    $("limit").hidden = over <= 0;
    if (over > 0) $("limit").textContent = say("too_long").replace("{n}", String(over + LONGEST)).replace("{over}", String(over));
    field.setAttribute("aria-invalid", String(over > 0));
  }

  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    if (!text || text.length > LONGEST) return;
    byKeyboard = false;
    send({ type: "say", text });
    field.value = "";
    grow();
    field.focus();
  });
  field.addEventListener("input", grow);
  field.addEventListener("input", () => {
    if (!talk || !field.value || Date.now() - typed < TYPES || socket?.readyState !== WebSocket.OPEN) return;
    typed = Date.now();
    socket.send(JSON.stringify({ type: "typing" }));
  });
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
  let person = null, introduced = false;
  function introduce() {
    if (person && known) socket.send(JSON.stringify({ type: "identify", person, lang }));
  }
  if (embedded && parent !== window) {
    // Messages that arrive while the window is closing count as unread.
    const close = () => { open = false; tell({ close: true }); };
    addEventListener("keydown", (event) => { if (event.key === "Escape" && !sheet.open) close(); });
    addEventListener("message", (event) => {
      const asked = event.source === parent && event.data?.merchantChat;
      if (!asked) return;
      // The page that embeds the chat has changed its theme.
      if (asked.theme && $("dark")) $("dark").media = asked.theme === "dark" ? "screen" : "not all";
      if (typeof asked.ask === "string") send({ type: "say", text: asked.ask.slice(0, LONGEST) });
      if (asked.identify) {
        person = asked.identify;
        introduced = false;
        introduce();
      }
      if (typeof asked.open !== "boolean") return;
      open = asked.open;
      if (!open) return;
      unread = 0;
      noticed();
      if (last !== null) tell({ seen: last });
      if (asked.focus && matchMedia("(pointer: fine)").matches) field.focus();
    });
    tell({ ready: true });
  }

  for (const one of pending) if (one.state === "got" || one.why === undefined) one.state = "sending";
  field.value = kept.get(session, "draft") || "";
  translate();
  if (field.value) grow();
  connect();
  // Show the start screen even without a connection.
  setTimeout(() => { if (last === null && !pending.length) $("start").hidden = false; }, 1500);
  if (!embedded && matchMedia("(pointer: fine)").matches) field.focus();
}
