/* The chat, a little smoother. Everything is drawn by the server and all of it works without this file. */
(() => {
  "use strict";
  const $ = (what, from = document) => from.querySelector(what);
  const all = (what, from = document) => [...from.querySelectorAll(what)];
  const voice = $("#voice"), line = $("#line");
  if (!voice || !line || !$("#main") || !window.fetch) return;
  const said = new Set();
  let busy = 0, source = null, lost = false, again = 0, looking = 0, turns = 0, wait = 2000, clear = 0;

  const memory = {
    get(key) { try { return sessionStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { value ? sessionStorage.setItem(key, value) : sessionStorage.removeItem(key); } catch { /* private window */ } },
  };
  const main = () => $("#main");
  const number = (from = main()) => from.dataset.prompt || "";
  const draft = (box) => "draft " + number() + " " + box.name + (box.type === "checkbox" ? " " + box.value : "");
  const kept = "textarea[name],input[name]:not([type=hidden],[type=submit]),select[name]";

  /* Drafts live in this tab only, one for each field of each prompt. */
  const keep = (event) => {
    const box = event.target;
    if (!box.matches || !box.matches("#main " + kept)) return;
    memory.set(draft(box), box.type === "checkbox" ? (box.checked ? "1" : "0") : box.value);
  };
  const restore = () => all(kept, main()).forEach((box) => {
    const was = memory.get(draft(box));
    if (was === null || box.dataset.nodraft !== undefined) return;
    if (box.type === "checkbox") box.checked = was === "1";
    else if (!box.value) box.value = was;
  });
  const forget = (form) => all(kept, form).forEach((box) => memory.set(draft(box), ""));

  /* One polite live region says each new message once. Its words keep their language. */
  const speak = (texts) => {
    if (!texts.length) return;
    clearTimeout(clear);
    const list = document.createDocumentFragment();
    texts.forEach(([text, lang]) => {
      const p = document.createElement("p");
      if (lang) p.lang = lang;
      p.textContent = text;
      list.append(p);
    });
    voice.replaceChildren();
    setTimeout(() => voice.append(list), 120);
    clear = setTimeout(() => voice.replaceChildren(), 9000);
  };
  const heard = (quiet, asked) => {
    const texts = [];
    all("[data-say]", main()).forEach((part) => {
      if (said.has(part.dataset.say)) return;
      said.add(part.dataset.say);
      if (quiet) return;
      part.classList.add("new");
      const pieces = all("[data-part]", part);
      const old = part.closest("#past") && pieces.length && pieces[0].textContent.trim() === asked; /* the question just answered */
      if (part.dataset.mine === undefined && !old)
        (pieces.length ? pieces : [part]).forEach((piece) =>
          texts.push([piece.textContent.trim().replace(/\s+/g, " "), (piece.closest("[lang]") || part).lang]));
    });
    return texts;
  };
  const status = (key) => {
    const text = key ? line.dataset[key] || "" : "";
    if (line.textContent === text) return;
    line.textContent = text;
    if (text) speak([[text, ""]]);
  };

  const show = () => {
    const now = $("#now");
    if (!now) return;
    const box = now.getBoundingClientRect();
    if (box.top < 0 || box.bottom > innerHeight) now.scrollIntoView({ block: box.height > innerHeight ? "start" : "end" });
  };
  const rest = () => {
    const at = $("[aria-invalid=true]") || $("#now") || main();
    at.focus({ preventScroll: true });
    show();
  };
  const same = (old) => {
    if (!old) return null;
    const form = old.closest("form");
    const token = form && form.elements.standing ? form.elements.standing.value : "";
    return all("button,input,textarea,select,a", main()).find((one) => one.name === old.name && one.value === old.value
      && one.href === old.href && (!token || (one.form && one.form.elements.standing && one.form.elements.standing.value === token))) || null;
  };

  const parse = async (answer) => {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return $("#main[data-prompt]", page);
  };
  const draw = (next, mine) => {
    const before = main(), focus = before.contains(document.activeElement) ? document.activeElement : null;
    if (next.lang && document.documentElement.lang !== next.lang) {
      memory.set("focus", "1");
      location.reload();
      return;
    }
    const asked = $("#q") ? $("#q").textContent.trim() : "";
    if ($(".earlier[open]", before) && $(".earlier", next)) $(".earlier", next).open = true;
    const still = !mine && number(next) === number(before);
    if (still) {
      /* News in the middle of a question: the question, its ticks and its half-written words stay where they are. */
      const top = $("#now") && $("#now").getBoundingClientRect().top;
      $("#past").replaceWith($("#past", next));
      const seen = $("input[name=seen]", next);
      if (seen) all("#now input[name=seen]", main()).forEach((box) => box.value = seen.value);
      if (top) scrollBy({ top: $("#now").getBoundingClientRect().top - top, behavior: "instant" });
    } else before.replaceWith(next);
    document.title = next.dataset.title || document.title;
    restore();
    speak(heard(false, asked));
    if (mine) rest();
    else if (focus && !focus.isConnected) (same(focus) || $("#now") || main()).focus({ preventScroll: true });
    listen();
  };

  const send = async (form, button) => {
    if (busy) return;
    busy = 1;
    const body = new FormData(form);
    if (button && button.name) body.append(button.name, button.value);
    const slow = setTimeout(() => status("slow"), 1500);
    try {
      let answer;
      for (let turn = 0; ; turn++) try {
        answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(body), headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
        break;
      } catch (error) {
        /* The hidden event number makes a second try safe: the server keeps one. */
        if (turn > 1) throw error;
        await new Promise((go) => setTimeout(go, 1500 * (turn + 1)));
      }
      const next = await parse(answer);
      if (next) {
        forget(form);
        clearTimeout(slow);
        status("");
        turns++;
        draw(next, true);
      } else if (answer.ok) location.assign(answer.url);
      else { clearTimeout(slow); status(answer.status === 429 ? "busy" : "unsent"); }
    } catch {
      status("unsent");
    } finally {
      clearTimeout(slow);
      busy = 0;
    }
  };
  const refresh = async () => {
    if (busy || looking) { again = again || setTimeout(() => { again = 0; refresh(); }, 400); return; }
    looking = 1;  /* one at a time: what one look brings, another that is slower must not wipe out */
    const then = turns;
    try {
      const answer = await fetch("/chat?fragment=1", { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
      const next = answer.ok && await parse(answer);
      if (next && !busy && then === turns) draw(next, false);  /* a press overtook it: what it shows is old */
    } catch { /* the stream tells us when the line is back */ } finally { looking = 0; }
  };

  /* The stream only says "look again". A lost line is said once, and once when it is back. */
  const close = () => { if (source) source.close(); source = null; };
  const listen = () => {
    const url = main().dataset.stream;
    if (!url || source || !window.EventSource) return;
    source = new EventSource(url);
    const mine = source;
    mine.onopen = () => { wait = 2000; if (lost) { lost = false; status("back"); setTimeout(() => line.textContent === line.dataset.back && status(""), 5000); refresh(); } };
    mine.onmessage = refresh;
    mine.onerror = () => {
      setTimeout(() => {
        if (source !== mine || mine.readyState === 1) return;
        if (!lost) { lost = true; status("lost"); }
        if (mine.readyState === 2) { close(); setTimeout(listen, wait); wait = Math.min(wait * 2, 60000); }
      }, 3000);
    };
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("#main form[data-chat]")) return;
    event.preventDefault();
    send(form, event.submitter);
  });
  document.addEventListener("input", keep);
  document.addEventListener("change", keep);
  addEventListener("online", () => { close(); listen(); });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => { if (event.persisted) { refresh(); listen(); } });

  heard(true);
  restore();
  listen();
  if (memory.get("focus")) { memory.set("focus", ""); rest(); } else if (!location.hash && $("#past [data-say]")) show();
})();
