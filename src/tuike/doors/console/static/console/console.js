/* The consoles' own script: dialogs, drawers, toasts, confirmations, copying, theme, dates and charts on demand. */
(() => {
  "use strict";
  const root = document.documentElement;
  const words = () => document.getElementById("words").dataset;
  const dialogs = ["dialog", "drawer"];

  /* ---------------------------------------------------------------- toasts */
  function toast(text, kind = "good") {
    const box = document.getElementById("toasts");
    const one = document.createElement("div");
    one.className = `toast ${kind}`;
    if (kind === "bad") one.setAttribute("role", "alert");
    const said = document.createElement("span");
    said.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "iconbtn";
    close.setAttribute("aria-label", words().close);
    close.textContent = "×";
    close.addEventListener("click", () => one.remove());
    one.append(said, close);
    // A modal dialog covers the page: the message goes where it can be seen.
    const open = [...document.querySelectorAll("dialog[open]")].pop();
    (open || document.body).append(box);
    box.append(one);
    setTimeout(() => one.remove(), kind === "bad" ? 9000 : 4500);
  }
  function kept(name) {
    const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
    return found ? found.slice(name.length + 1).replace(/^"|"$/g, "") : "";
  }
  function keep(name, value, seconds) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${name}=${value}; Path=/; Max-Age=${seconds}; SameSite=Lax${secure}`;
  }
  function keptToast() {
    const note = kept("tuike_toast");
    if (!note) return;
    keep("tuike_toast", "", 0);
    try {
      const bytes = Uint8Array.from(atob(note.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
      const said = JSON.parse(new TextDecoder().decode(bytes));
      toast(String(said.text), said.kind === "bad" ? "bad" : "good");
    } catch { /* not a note of ours */ }
  }

  /* ---------------------------------------------------------------- dialogs, drawers, confirmations */
  function shut(dialog) {
    if (!dialog || !dialog.open) return;
    dialog.close();
  }
  function ask(sentence) {
    const dialog = document.getElementById("confirm");
    document.getElementById("confirm-text").textContent = sentence;
    dialog.returnValue = "no";
    dialog.showModal();
    dialog.querySelector("[value=no]").focus();
    return new Promise((answer) => {
      dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
    });
  }
  // The messages stand in the open dialog: what is drawn anew there must not take them away.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (dialogs.includes(event.detail.target.id)) document.body.append(document.getElementById("toasts"));
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const target = event.detail.target;
    if (!dialogs.includes(target.id)) return;
    if (target.open) target.append(document.getElementById("toasts"));
    // An answer that draws nothing (a toast, the dialog closed) must not open again what it has closed.
    if (event.detail.xhr && event.detail.xhr.getResponseHeader("HX-Reswap") === "none") return;
    // htmx takes up what it swapped in only after a pause; whoever is quicker would send the form as a page of its own.
    htmx.process(target);
    if (!target.open) target.showModal();
    const first = target.querySelector("[autofocus], .dbody input:not([type=hidden]), .dbody select, .dbody textarea");
    if (first) first.focus();
  });
  document.addEventListener("htmx:confirm", (event) => {
    const from = event.detail.triggeringEvent && event.detail.triggeringEvent.submitter;
    const sentence = (from && from.dataset.confirm) || event.detail.elt.dataset.confirm;
    if (!sentence) return;
    event.preventDefault();
    ask(sentence).then((yes) => yes && event.detail.issueRequest(true));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const byHtmx = ["hx-post", "hx-get", "hx-put", "hx-delete"].some((name) => form.hasAttribute(name));
    const from = event.submitter;
    const sentence = (from && from.dataset.confirm) || form.dataset.confirm;
    if (byHtmx || (from && from.hasAttribute("hx-post"))) return;
    if (sentence && form.dataset.asked !== "yes") {
      event.preventDefault();
      ask(sentence).then((yes) => {
        if (!yes) return;
        form.dataset.asked = "yes";
        form.requestSubmit(from);
        delete form.dataset.asked;
      });
      return;
    }
    if (form.method === "post" && form.dataset.sent === "yes") { event.preventDefault(); return; }
    if (form.method === "post") {
      form.dataset.sent = "yes";
      setTimeout(() => delete form.dataset.sent, 4000);
    }
  });
  document.addEventListener("click", (event) => {
    const at = event.target;
    if (!(at instanceof Element)) return;
    if (at.closest("[data-close]")) shut(at.closest("dialog"));
    if (at instanceof HTMLDialogElement && at.id !== "confirm") shut(at); // the backdrop belongs to the dialog
    const copied = at.closest("[data-copy]");
    if (copied) copy(copied);
    const shared = at.closest("[data-share]");
    if (shared) share(shared);
    if (at.closest("[data-back]")) history.length > 1 ? history.back() : location.assign("/");
    if (at.closest("[data-print]")) window.print();
    if (at.closest("[data-theme-switch]")) switchTheme();
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(at)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("dialog-close", () => dialogs.forEach((id) => shut(document.getElementById(id))));
  document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.kind));

  /* ---------------------------------------------------------------- what htmx couldn't do */
  document.addEventListener("htmx:responseError", (event) => {
    const raised = event.detail.xhr.getResponseHeader("HX-Trigger") || "";
    if (!raised.includes('"toast"')) toast(words().failed, "bad");
  });
  document.addEventListener("htmx:sendError", () => toast(words().offline, "bad"));
  document.addEventListener("htmx:timeout", () => toast(words().failed, "bad"));

  /* ---------------------------------------------------------------- copying */
  async function copy(button) {
    const text = button.dataset.copy || document.querySelector(button.dataset.copyFrom || "#none")?.value || "";
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      area.setAttribute("readonly", "");
      (button.closest("dialog") || document.body).append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    toast(words().copied);
  }

  // Material that is copied or downloaded counts as shared; nobody waits for that, and a failure is not shown.
  function share(button) {
    const url = button.closest("[data-share-url]")?.dataset.shareUrl;
    if (!url) return;
    const key = `share-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
    const body = new URLSearchParams({ kind: button.dataset.share, key });
    const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
    fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token }, keepalive: true }).catch(() => {});
  }

  /* ---------------------------------------------------------------- theme */
  function isDark() {
    const chosen = root.dataset.theme;
    return chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  }
  function setTheme(theme) {
    root.dataset.theme = theme;
    keep("tuike_theme", theme, 31536000);
    for (const radio of document.querySelectorAll("[data-theme-choice]")) radio.checked = radio.value === theme;
    document.querySelectorAll("[data-chart]").forEach(draw);
  }
  const switchTheme = () => setTheme(isDark() ? "light" : "dark");
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-theme-choice]")) setTheme(event.target.value);
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });

  /* ---------------------------------------------------------------- scripts on demand, in their order */
  const loading = new Map();
  function load(address) {
    if (!loading.has(address)) {
      loading.set(address, new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = address;
        script.onload = done;
        script.onerror = failed;
        document.head.append(script);
      }));
    }
    return loading.get(address);
  }

  /* <input data-date>, <input data-date="range" data-low="from" data-high="to">: the range fills two hidden fields. */
  async function dates(within) {
    const found = [...within.querySelectorAll("input[data-date]")].filter((one) => !one._flatpickr);
    if (!found.length) return;
    if (!document.getElementById("flatpickr-css")) {
      const sheet = document.createElement("link");
      sheet.id = "flatpickr-css";
      sheet.rel = "stylesheet";
      sheet.href = root.dataset.flatpickrCss;
      document.head.prepend(sheet);
    }
    for (const address of root.dataset.flatpickr.split(" ")) await load(address);
    const zh = root.lang.startsWith("zh");
    for (const input of found) {
      if (input._flatpickr || !input.isConnected) continue;
      const range = input.dataset.date === "range";
      const timed = input.dataset.date === "time";
      const low = input.form && input.form.elements[input.dataset.low];
      const high = input.form && input.form.elements[input.dataset.high];
      const options = {
        mode: range ? "range" : "single",
        enableTime: timed,
        time_24hr: true,
        minuteIncrement: 1, // also the step of its field for minutes: in a dialog's form any other minute would stop the form
        dateFormat: timed ? "Y-m-d H:i" : "Y-m-d",
        allowInput: !range,
        disableMobile: true,
        static: Boolean(input.closest("dialog")),
        locale: { ...(zh ? flatpickr.l10ns.zh : flatpickr.l10ns.default), rangeSeparator: ` ${words().to} `, firstDayOfWeek: 1 },
        showMonths: range && innerWidth > 900 ? 2 : 1,
        minDate: input.dataset.min || undefined,
        maxDate: input.dataset.max || undefined,
      };
      if (range && low && high) {
        options.defaultDate = [low.value, high.value].filter(Boolean);
        options.onClose = (chosen, _text, picker) => {
          const shown = chosen.map((day) => picker.formatDate(day, "Y-m-d"));
          const before = `${low.value} ${high.value}`;
          low.value = shown[0] || "";
          high.value = shown[1] || shown[0] || "";
          if (before !== `${low.value} ${high.value}`) input.form.dispatchEvent(new Event("change", { bubbles: true }));
        };
      }
      flatpickr(input, options);
    }
  }

  /* <div class="chart" data-chart="id of a script of application/json that holds an ECharts option"></div> */
  async function draw(box) {
    await load(box.dataset.echarts || root.dataset.echarts); // the common build draws no graphs: such a box names another
    const source = document.getElementById(box.dataset.chart);
    if (!source || !box.isConnected) return;
    const token = (name) => getComputedStyle(root).getPropertyValue(name).trim();
    const before = echarts.getInstanceByDom(box);
    if (before) before.dispose();
    const chart = echarts.init(box, { textStyle: { fontFamily: token("--font") } }, { renderer: "canvas" });
    const option = JSON.parse(source.textContent);
    option.color = option.color || [token("--chart-1"), token("--chart-2"), token("--chart-3"), token("--chart-4"), token("--chart-5")];
    option.textStyle = { color: token("--ink-2"), fontFamily: token("--font") };
    option.animation = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (option.tooltip) {
      Object.assign(option.tooltip, { backgroundColor: token("--card"), borderColor: token("--line"), textStyle: { color: token("--ink") } });
    }
    for (const axis of [option.xAxis, option.yAxis].flat().filter(Boolean)) {
      axis.axisLabel = { color: token("--ink-3"), ...axis.axisLabel };
      axis.axisLine = { lineStyle: { color: token("--line") }, ...axis.axisLine };
      axis.splitLine = { lineStyle: { color: token("--line") }, ...axis.splitLine };
    }
    if (option.legend) option.legend.textStyle = { color: token("--ink-2") };
    const fen = (value) => (value < 0 ? "−" : "") + "¥" + (Math.abs(value) / 100).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    const percent = (value) => (value / 100).toLocaleString("en-US") + "%";
    const said = { fen, bps: percent };
    for (const axis of [option.xAxis, option.yAxis].flat().filter(Boolean)) {
      if (axis.unit === "fen") axis.axisLabel.formatter = (value) => "¥" + (value / 100).toLocaleString("en-US");
      if (axis.unit === "bps") axis.axisLabel.formatter = percent;
    }
    for (const one of option.series || []) {
      if (one.type === "graph") {
        one.label = { ...one.label, color: token("--ink"), textBorderColor: token("--card"), textBorderWidth: 2 };
        one.lineStyle = { color: token("--ink-3"), opacity: 0.5, ...one.lineStyle };
      }
      if (said[one.unit]) one.tooltip = { valueFormatter: (value) => (value == null ? "—" : said[one.unit](value)) };
      if (one.label) {
        one.label = { color: token("--ink-2"), ...one.label };
        if (said[one.unit]) one.label.formatter = (point) => said[one.unit](point.value);
      }
    }
    chart.setOption(option);
  }
  /* Beside a chart: [data-charted] holds it with its table. [data-chart-table] shows the one or the other,
     [data-chart-image="file name"] saves what is drawn as a picture. */
  document.addEventListener("click", (event) => {
    const held = event.target.closest("[data-charted]");
    const turn = event.target.closest("[data-chart-table]");
    const save = event.target.closest("[data-chart-image]");
    if (!held || !(turn || save)) return;
    const box = held.querySelector("[data-chart]");
    if (turn) {
      const table = held.classList.toggle("as-table");
      turn.setAttribute("aria-pressed", String(table));
      if (!table) echarts.getInstanceByDom(box)?.resize();
      return;
    }
    const chart = window.echarts && echarts.getInstanceByDom(box);
    if (!chart) return;
    const link = document.createElement("a");
    link.href = chart.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: getComputedStyle(root).getPropertyValue("--card").trim() });
    link.download = save.dataset.chartImage;
    link.click();
  });
  addEventListener("resize", () => {
    if (!window.echarts) return;
    for (const box of document.querySelectorAll("[data-chart]")) echarts.getInstanceByDom(box)?.resize();
  });

  /* <input type=checkbox data-all="name"> ticks all boxes of the name; [data-picked="name"] shows how many. */
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.type !== "checkbox") return;
    const name = box.dataset.all || box.name;
    const scope = box.closest("form") || document;
    const all = [...scope.querySelectorAll(`input[type=checkbox][name="${CSS.escape(name)}"]`)];
    if (box.dataset.all) all.forEach((one) => { if (!one.disabled) one.checked = box.checked; });
    const picked = all.filter((one) => one.checked).length;
    for (const head of scope.querySelectorAll(`[data-all="${CSS.escape(name)}"]`)) {
      head.checked = picked > 0 && picked === all.length;
      head.indeterminate = picked > 0 && picked < all.length;
    }
    for (const shown of document.querySelectorAll(`[data-picked="${CSS.escape(name)}"]`)) shown.textContent = picked;
    for (const bar of document.querySelectorAll(`[data-bulk="${CSS.escape(name)}"]`)) bar.hidden = picked === 0;
  });

  /* ---------------------------------------------------------------- Alpine's small states */
  document.addEventListener("alpine:init", () => {
    Alpine.data("frame", () => ({
      open: false,
      get expanded() { return this.open ? "true" : "false"; },
      get sideClass() { return this.open ? "side-shown" : ""; },
      toggle() { this.open = !this.open; },
      shut() { this.open = false; },
    }));
    Alpine.data("tabs", () => ({
      tab: "",
      init() { this.tab = this.$el.dataset.tab || ""; },
      is(name) { return this.tab === name; },
      on(name) { return this.tab === name ? "on" : ""; },
      choose() { this.tab = this.$el.dataset.tab; },
    }));
  });

  function begin(within) {
    dates(within);
    within.querySelectorAll("[data-chart]").forEach(draw);
  }
  document.addEventListener("htmx:load", (event) => begin(event.detail.elt));
  document.addEventListener("DOMContentLoaded", () => {
    keptToast();
    begin(document);
    for (const id of dialogs) {
      const dialog = document.getElementById(id);
      dialog.addEventListener("close", () => {
        document.body.append(document.getElementById("toasts"));
        dialog.replaceChildren();
      });
    }
  });
})();
