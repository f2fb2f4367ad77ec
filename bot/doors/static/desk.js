/* Deliveries and replies as they come: when the stream speaks, fetch the fragment the server drew. Nothing else. */
(() => {
  "use strict";
  const live = document.querySelector("[data-stream]");
  if (!live || !window.EventSource) return;
  let due = 0;
  const fresh = async () => {
    due = 0;
    if (live.contains(document.activeElement)) { later(); return; }
    try {
      const answer = await fetch(live.dataset.fragment, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      live.replaceChildren(...page.body.childNodes);
    } catch { /* the next word of the stream tries again */ }
  };
  const later = () => { due = due || setTimeout(fresh, 300); };
  const source = new EventSource(live.dataset.stream);
  source.onmessage = later;
  source.onopen = later;
})();
