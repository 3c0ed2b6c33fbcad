"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const root = document.documentElement;

  // Theme: as the system says, else as chosen.
  const themes = ["auto", "light", "dark"];
  const tools = document.querySelector(".tools");
  tools.hidden = false;
  $("theme").addEventListener("click", () => {
    const next = themes[(themes.indexOf(root.dataset.theme || "auto") + 1) % themes.length];
    if (next === "auto") delete root.dataset.theme; else root.dataset.theme = next;
    $("theme-name").textContent = next;
  });

  // A link to something folded opens it.
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let box = target; box; box = box.parentElement) if (box.tagName === "DETAILS") box.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Where in the report we are.
  const links = [...document.querySelectorAll(".toc a")];
  if ("IntersectionObserver" in window) {
    const seen = new Set();
    const watch = new IntersectionObserver((entries) => {
      for (const entry of entries) entry.isIntersecting ? seen.add(entry.target.id) : seen.delete(entry.target.id);
      const here = links.find((link) => seen.has(link.hash.slice(1)));
      for (const link of links) {
        link.classList.toggle("here", link === here);
        if (link === here) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
      }
    }, { rootMargin: "0px 0px -60% 0px" });
    for (const link of links) { const part = $(link.hash.slice(1)); if (part) watch.observe(part); }
  }

  // Print everything that is folded, and fold it again after.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const box of folded) box.open = true;
  });
  addEventListener("afterprint", () => { for (const box of folded) box.open = false; });

  // Findings.
  const controls = $("controls");
  if (!controls) return;
  controls.hidden = false;
  const ranks = { error: 0, warning: 1, info: 2 };
  const find = $("find"), sort = $("sort"), status = $("status"), rows = $("rows"), virtual = $("virtual");
  const chosen = () => new Set([...controls.querySelectorAll("[name=severity]:checked")].map((box) => box.value));
  const compare = {
    delay: (a, b) => b.weight - a.weight,
    severity: (a, b) => a.rank - b.rank || b.weight - a.weight,
    rule: (a, b) => (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0),
    place: (a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line),
  };
  const later = (work) => { let timer; return () => { clearTimeout(timer); timer = setTimeout(work, 60); }; };
  const place = (text) => { const at = text.lastIndexOf(":"); return { path: text.slice(0, at), line: Number(text.slice(at + 1)) || 0 }; };

  const kind = (row) => {
    const severity = row.querySelector(".sev").classList[1];
    const rule = row.querySelector("small").firstChild.data.trim(), at = row.querySelector("p a[href^='#l']");
    return { severity, rank: ranks[severity], rule, ...place(at ? at.textContent : "") };
  };

  const plain = () => {
    const groups = [...rows.querySelectorAll(".group")];
    const items = [...rows.querySelectorAll(".group > details")].map((row, number) => ({
      row, number, group: row.parentElement, ...kind(row), weight: Number(row.dataset.weight ?? -1),
      text: row.textContent.toLowerCase(),
    }));
    const flat = document.createElement("section");
    flat.className = "group";
    rows.append(flat);
    let order = "cause";
    const update = () => {
      const words = find.value.toLowerCase().split(/\s+/).filter(Boolean), severities = chosen();
      let shown = 0;
      for (const item of items) {
        const fits = severities.has(item.severity) && words.every((word) => item.text.includes(word));
        item.row.hidden = !fits;
        shown += fits;
      }
      if (sort.value !== order) {
        order = sort.value;
        if (order === "cause") for (const item of items) item.group.append(item.row);
        else flat.append(...[...items].sort((a, b) => compare[order](a, b) || a.number - b.number).map((item) => item.row));
      }
      for (const group of groups) group.hidden = order !== "cause" || !group.querySelector("details:not([hidden])");
      status.textContent = `${shown} of ${items.length} findings shown`;
    };
    const open = (value) => { for (const item of items) if (!item.row.hidden) item.row.open = value; };
    $("expand").addEventListener("click", () => open(true));
    $("collapse").addEventListener("click", () => open(false));
    return update;
  };

  // Above some hundred findings only those in view are elements; the rest stays data.
  const HEIGHT = 40;
  const unsafe = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
  const safe = (text) => text.replace(unsafe, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
  const make = (tag, name, text) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text !== undefined) made.textContent = safe(text);
    return made;
  };
  const marks = { error: "■ error", warning: "▲ warning", info: "● info" };
  const large = () => {
    root.classList.add("virtual");
    virtual.hidden = false;
    $("expand").hidden = $("collapse").hidden = true;
    sort.querySelector("[value=cause]").remove();
    sort.value = "severity";
    const items = JSON.parse($("data").textContent).findings.filter((f) => f.status === "new").map((f, number) => ({
      f, number, rank: ranks[f.severity], severity: f.severity, rule: f.rule, weight: f.delay ? (f.delay.high ?? f.delay.low ?? -1) : -1,
      path: f.location.path, line: f.location.line, text: `${f.rule} ${f.subject.id} ${f.message} ${f.location.path}`.toLowerCase(),
    }));
    const frame = $("window"), list = $("window-list"), detail = $("detail");
    let shown = items, current = null;
    const draw = () => {
      const first = Math.max(0, Math.floor(frame.scrollTop / HEIGHT) - 5);
      const last = Math.min(shown.length, first + Math.ceil(frame.clientHeight / HEIGHT) + 10);
      const focused = document.activeElement && document.activeElement.dataset.number;
      list.replaceChildren(...shown.slice(first, last).map((item, offset) => {
        const row = make("li"), button = make("button");
        row.style.top = `${(first + offset) * HEIGHT}px`;
        row.setAttribute("aria-setsize", shown.length);
        row.setAttribute("aria-posinset", first + offset + 1);
        button.type = "button";
        button.dataset.number = item.number;
        button.dataset.at = first + offset;
        if (item === current) button.setAttribute("aria-current", "true");
        button.append(make("b", `sev ${item.severity}`, marks[item.severity]), make("span", "message", item.f.message), make("span", "meta", item.rule));
        row.append(button);
        return row;
      }));
      if (focused !== undefined) list.querySelector(`[data-number="${focused}"]`)?.focus({ preventScroll: true });
    };
    const tell = (item) => {
      current = item;
      const f = item.f, parts = [make("h3", "", f.message), make("p", "muted", `${f.rule} · ${f.subject.kind} ${f.subject.id} · ${f.location.path}:${f.location.line}`)];
      const block = (title, texts) => {
        if (!texts.length) return;
        const ul = make("ul");
        ul.append(...texts.map((text) => make("li", "", text)));
        parts.push(make("h4", "", title), ul);
      };
      block("Facts", f.evidence.map((e) => (e.location ? `${e.message} (${e.location.path}:${e.location.line})` : e.message)));
      block("What to do", f.fixes);
      block("Also", f.superseded.map((s) => `${s.message} (${s.rule})`));
      detail.replaceChildren(...parts);
      draw();
    };
    list.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) tell(items[button.dataset.number]);
    });
    list.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], at = Number(event.target.dataset.at);
      if (!step || Number.isNaN(at) || !shown[at + step]) return;
      event.preventDefault();
      const top = (at + step) * HEIGHT;
      if (top < frame.scrollTop) frame.scrollTop = top;
      if (top + HEIGHT > frame.scrollTop + frame.clientHeight) frame.scrollTop = top + HEIGHT - frame.clientHeight;
      draw();
      list.querySelector(`[data-at="${at + step}"]`)?.focus({ preventScroll: true });
    });
    frame.addEventListener("scroll", draw, { passive: true });
    addEventListener("resize", draw);
    return () => {
      const words = find.value.toLowerCase().split(/\s+/).filter(Boolean), severities = chosen();
      shown = items.filter((item) => severities.has(item.severity) && words.every((word) => item.text.includes(word)));
      shown.sort((a, b) => compare[sort.value](a, b) || a.number - b.number);
      list.style.height = `${shown.length * HEIGHT}px`;
      frame.scrollTop = 0;
      draw();
      status.textContent = `${shown.length} of ${items.length} findings shown`;
    };
  };
  const update = virtual ? large() : plain();
  find.addEventListener("input", later(update));
  sort.addEventListener("change", update);
  controls.addEventListener("change", update);
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, select, textarea")) { event.preventDefault(); find.focus(); }
  });
  update();
})();
