/* The live board: draws what a stream tells; while none reaches it, asks every few seconds for the same. */
(() => {
  "use strict";
  const board = () => document.getElementById("live");
  const POLL = 4000, QUIET = 7000, LONGEST = 30000;
  const count = (n) => Number(n).toLocaleString("en-US");
  const fen = (value) => (value < 0 ? "−" : "") + "¥" + (Math.abs(value) / 100).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  let seen = null, mark = "", stream = null, wait = 1000, quiet = 0, poll = 0, retry = 0, over = false, shown = 0;

  function element(tag, text, name) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (name) made.className = name;
    return made;
  }
  function data(made) { // what people wrote, in whatever language
    made.dataset.data = "";
    return made;
  }
  const fill = (sentence, values) => sentence.replace(/[#%@]/g, (sign) => values[sign] ?? sign);
  const placeName = (code) => document.querySelector(`.tile[data-place="${CSS.escape(code)}"]`)?.dataset.name || board().dataset.unknown;
  function put(at, text) { if (at && at.textContent !== text) at.textContent = text; }
  function none(name, is) { board().querySelector(`[data-none="${name}"]`).hidden = !is; }

  /* ---------------------------------------------------------------- drawing */
  function watermark(told) {
    if (told.ms < shown) return false; // an answer that comes later than what was told since
    shown = told.ms;
    put(board().querySelector("[data-at]"), told.at);
    return true;
  }
  function draw(told) {
    if (!watermark(told)) return;
    const box = board();
    for (const at of box.querySelectorAll("[data-fen]")) put(at, fen(told.figures[at.dataset.fen] ?? 0));
    for (const at of box.querySelectorAll("[data-count]")) put(at, count(told.figures[at.dataset.count] ?? 0));
    for (const at of box.querySelectorAll("[data-role]")) {
      const earned = told.commission[at.dataset.role];
      at.hidden = !earned;
      put(at.querySelector("dd"), fen(earned || 0));
    }
    flow(told.orders);
    tiles(told.places);
    best(told.best);
    alerts(told.alerts);
    seen = new Set(told.orders.map((one) => one.key));
  }
  function flow(orders) {
    const list = board().querySelector("[data-flow]"), words = board().dataset;
    none("flow", !orders.length);
    list.hidden = !orders.length;
    list.replaceChildren(...orders.map((one) => {
      const row = element("li", undefined, seen && !seen.has(one.key) ? "fresh" : "");
      row.dataset.key = one.key;
      const what = element("div", undefined, "grow");
      const title = data(element("span", one.title || "—", "clip"));
      title.title = one.title;
      const said = [one.time, placeName(one.place)];
      if (one.lines > 1) said.push(fill(words.more, { "#": one.lines }));
      if (one.refunded_fen) said.push(fill(words.back, { "#": fen(one.refunded_fen) }));
      what.append(title, element("small", said.join(" · "), "dim"));
      row.append(what, element("b", fen(one.paid_fen), "nowrap"));
      return row;
    }));
  }
  function tiles(places) {
    const most = Math.max(0, ...Object.values(places).map((one) => one.count));
    for (const tile of board().querySelectorAll(".tile")) {
      const one = places[tile.dataset.place] || { count: 0, paid_fen: 0 };
      tile.dataset.level = one.count ? Math.max(1, Math.ceil((one.count / most) * 5)) : 0;
      tile.title = fill(board().dataset.place, { "#": tile.dataset.name, "%": count(one.count), "@": fen(one.paid_fen) });
      put(tile.querySelector("b"), count(one.count));
    }
    const unknown = places[""], at = board().querySelector("[data-elsewhere]");
    at.hidden = !unknown;
    if (unknown) put(at, fill(board().dataset.place, { "#": board().dataset.unknown, "%": count(unknown.count), "@": fen(unknown.paid_fen) }));
  }
  function best(products) {
    none("best", !products.length);
    const most = products.length ? products[0].paid_fen : 0;
    board().querySelector("[data-best]").replaceChildren(...products.map((one, index) => {
      const row = element("li"), what = element("div", undefined, "grow"), rank = element("span", String(index + 1), "rank");
      rank.setAttribute("aria-hidden", "true");
      const title = data(element("span", one.title, "clip"));
      title.title = one.title;
      const bar = element("progress", undefined, "bar");
      bar.max = Math.max(1, most);
      bar.value = one.paid_fen;
      bar.setAttribute("aria-hidden", "true");
      what.append(title, bar);
      const sums = element("div", undefined, "right nowrap");
      sums.append(element("b", fen(one.paid_fen)), element("small", `${count(one.count)} ${board().dataset.pieces}`, "dim"));
      row.append(rank, what, sums);
      return row;
    }));
  }
  function alerts(found) {
    none("alerts", !found.newest.length);
    put(board().querySelector("[data-alerts]"), found.count ? count(found.count) : "");
    const zh = document.documentElement.lang.startsWith("zh");
    board().querySelector("[data-list]").replaceChildren(...found.newest.map((one) => {
      const row = element("li"), said = data(element(one.url ? "a" : "span", zh ? one.zh : one.en, one.url ? "link" : ""));
      if (one.url) said.href = one.url;
      row.append(said, element("small", one.time, "dim nowrap"));
      return row;
    }));
  }

  /* ---------------------------------------------------------------- how it comes */
  function state(name) {
    if (board().dataset.now === name) return;
    board().dataset.now = name;
    put(board().querySelector("[data-state]"), board().dataset[name]);
  }
  function heard() {
    wait = 1000;
    clearTimeout(quiet);
    quiet = setTimeout(lost, QUIET);
    clearTimeout(poll);
    poll = 0;
    state("open");
  }
  function listen() {
    clearTimeout(retry);
    if (over || !board().dataset.stream) return;
    const address = new URL(board().dataset.stream);
    if (mark) address.searchParams.set("after", mark);
    stream = new EventSource(address, { withCredentials: true });
    quiet = setTimeout(lost, QUIET);
    stream.addEventListener("state", (event) => { heard(); mark = event.lastEventId; draw(JSON.parse(event.data)); });
    stream.addEventListener("mark", (event) => { heard(); watermark(JSON.parse(event.data)); });
    stream.addEventListener("end", () => { lost(); ask(); });
    stream.addEventListener("error", lost);
  }
  // Whatever goes wrong with the stream: it is begun anew after a while that grows, and until then the page asks.
  function lost() {
    if (over || !stream) return;
    stream.close();
    stream = null;
    clearTimeout(quiet);
    retry = setTimeout(listen, wait * (0.5 + Math.random()));
    wait = Math.min(wait * 2, LONGEST);
    if (!poll) poll = setTimeout(ask, 0);
  }
  async function ask() {
    clearTimeout(poll);
    if (over) return;
    try {
      const answer = await fetch(board().dataset.poll, { headers: { "HX-Request": "true" }, redirect: "manual" });
      if ([401, 403, 404].includes(answer.status)) { end(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      mark = ""; // what is drawn now is none of the stream's
      draw(await answer.json());
      if (board().dataset.now !== "open" || !stream) state("polling");
    } catch {
      state("lost");
    }
    if (!stream || board().dataset.now !== "open") poll = setTimeout(ask, POLL);
  }
  function end() {
    over = true;
    stream?.close();
    for (const one of [quiet, poll, retry]) clearTimeout(one);
    state("ended");
  }

  /* ---------------------------------------------------------------- the wall */
  function full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen().catch(() => {});
  }
  document.addEventListener("keydown", (event) => {
    if (!document.querySelector("[data-wall]") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "f" || event.key === "F") full();
    if (event.key === "Escape" && !document.fullscreenElement) document.querySelector("[data-leave]").click();
  });
  document.addEventListener("DOMContentLoaded", () => {
    draw(JSON.parse(document.getElementById(board().dataset.told).textContent));
    document.querySelector("[data-full]")?.addEventListener("click", full);
    if (board().dataset.stream) listen(); else ask();
  });
  addEventListener("pagehide", () => stream?.close());
  addEventListener("pageshow", (event) => { if (event.persisted && !over) { stream = null; listen(); } });
})();
