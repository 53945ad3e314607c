/* Keys at the desk, and the next file in place of the last one without loading the page anew.
   Everything stands on the page as a link, a button or a form, and works without this. */
(function () {
  "use strict";
  const viewer = window.DeskViewer;
  const AHEAD = 5 * 60 * 1000;
  let ready = {};   /* pages of the next files, fetched ahead: address → {text, at} */
  let busy = false, desk = null, undoing = 0;

  function on(type, selector, act) {
    document.addEventListener(type, function (event) {
      const found = event.target.closest && event.target.closest(selector);
      if (found) { act(found, event); }
    });
  }
  function find(selector) { return document.querySelector(selector); }

  /* ---- small helps of forms ---- */
  on("change", "select[name=common]", function (select) {
    const text = select.form.elements.reason;
    const chosen = select.selectedOptions[0];
    if (select.value) { text.value = chosen.textContent; text.focus(); }
  });
  on("click", "[data-reason]", function (button) {
    const form = button.closest("form");
    form.elements.common.value = button.dataset.reason;
    form.elements.reason.value = button.dataset.text;
    form.elements.reason.focus();
  });
  document.querySelectorAll("[data-pick]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      button.form.querySelectorAll("input[name=refs]").forEach(function (box) { box.checked = button.dataset.pick === "all"; });
    });
  });
  on("click", ".action-bar a[href^='#']", function (link, event) { event.preventDefault(); go(link.hash); });

  function go(hash) {
    const target = document.getElementById(hash.slice(1));
    if (!target) { return; }
    history.replaceState(history.state, "", hash);
    target.querySelectorAll(".fold").forEach(function (fold) { fold.open = true; });
    target.scrollIntoView({ block: "nearest" });
    const field = target.querySelector("textarea:not([name=missed]):not([hidden]), [name=missed]");
    const button = target.querySelector("[data-send]");
    const wanted = button && !target.querySelector("[name=missed]") ? button : field || target.querySelector("button");
    wanted.focus({ preventScroll: true });
    wanted.scrollIntoView({ block: "center" }); /* and not under the bar */
  }

  /* ---- the help ---- */
  function help(show) {
    const box = find("[data-help-box]");
    if (!box) { return; }
    box.hidden = !show;
    const opener = find("[data-help]");
    if (show) { box.focus(); } else if (opener) { opener.focus(); }
  }
  on("click", "[data-help]", function () { const box = find("[data-help-box]"); help(box.hidden); });
  on("click", "[data-help-close]", function () { help(false); });

  /* ---- sending without leaving ---- */
  function token() { const field = find("[name=csrfmiddlewaretoken]"); return field ? field.value : ""; }

  function say(lines, tone) {
    document.querySelectorAll("[data-said]").forEach(function (old) { old.remove(); });
    const main = find("#main");
    lines.slice().reverse().forEach(function (line) {
      const box = document.createElement("div");
      box.className = "notice-banner notice-banner-" + (tone || "good");
      box.setAttribute("role", tone === "bad" ? "alert" : "status");
      box.dataset.said = "";
      const words = document.createElement("p");
      words.textContent = line.text + " ";
      box.append(words);
      if (line.undo) { box.append(undoForm(line.undo)); }
      main.prepend(box);
    });
  }
  function undoForm(ref) {
    const form = document.createElement("form");
    form.method = "post"; form.action = "/desk/" + ref + "/act/"; form.className = "undo"; form.dataset.undo = "";
    [["csrfmiddlewaretoken", token()], ["action", "undo"]].forEach(function (pair) {
      const field = document.createElement("input"); field.type = "hidden"; field.name = pair[0]; field.value = pair[1]; form.append(field);
    });
    const button = document.createElement("button");
    button.className = "button-link"; button.textContent = "撤销（30 秒内）";
    form.append(button);
    undoing = setTimeout(function () { form.remove(); }, 29500);
    return form;
  }

  function show(text, address, said) {
    const next = new DOMParser().parseFromString(text, "text/html");
    /* Here a script does what these do without one; adopted, they would fetch their pictures as if they had been in sight. */
    next.querySelectorAll("noscript").forEach(function (each) { each.remove(); });
    if (!next.querySelector("#main") || !next.querySelector("link[href*='desk']")) { location.assign(address || location.href); return; }
    if (viewer) { viewer.stop(); }
    clearTimeout(undoing); /* it would keep the file that goes in memory */
    ["#main", ".before"].forEach(function (part) {
      const here = find(part), there = next.querySelector(part);
      if (here && there) { here.replaceWith(document.adoptNode(there)); }
    });
    /* The letters of a rare name come with a sheet of their own. */
    next.querySelectorAll("link[href^='/characters/']").forEach(function (each) { document.head.append(document.adoptNode(each)); });
    document.title = next.title;
    document.body.className = next.body.className;
    if (address && address !== location.pathname + location.search + location.hash) { history.pushState({ desk: 1 }, "", address); }
    say(said || []);
    begin();
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (target) { target.scrollIntoView({ block: "nearest" }); } else { scrollTo(0, 0); }
    const problem = find("[data-error-summary]");
    (problem || find("#main")).focus({ preventScroll: Boolean(target) });
  }

  function open(address, said) {
    const plain = address.split("#")[0];
    const held = ready[plain];
    delete ready[plain];
    if (held && Date.now() - held.at < AHEAD) { show(held.text, address, said); return Promise.resolve(); }
    return fetch(plain, { credentials: "same-origin" }).then(function (answer) {
      return answer.text().then(function (text) { show(text, address, said); });
    });
  }

  /* A field may be called "action" and hide the form's own. */
  function addressOf(form) { return new URL(form.getAttribute("action") || location.href, location.href).href; }

  function send(form, button) {
    if (busy) { return; }
    const data = new FormData(form);
    if (button && button.name) { data.append(button.name, button.value); }
    if (viewer && desk) { data.set("shown", JSON.stringify(viewer.shown())); }
    busy = true;
    document.documentElement.classList.add("sending");
    fetch(addressOf(form), { method: "POST", body: new URLSearchParams(data), headers: { "X-Desk": "script", "X-CSRFToken": token() }, credentials: "same-origin" })
      .then(function (answer) {
        if ((answer.headers.get("Content-Type") || "").indexOf("json") >= 0) {
          return answer.json().then(function (told) { return open(told.to, told.said); });
        }
        if (answer.redirected) { location.assign(answer.url); return null; }
        return answer.text().then(function (text) { show(text, "", []); });
      })
      .catch(function () { say([{ text: "网络不通，没有提交。您写的内容还在，请再试一次。" }], "bad"); })
      .then(function () { busy = false; document.documentElement.classList.remove("sending"); });
  }
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (form.method !== "post" || !form.closest("#main") || !/\/desk\/[^/]+\/(act|materials\/[^/]+\/verdict)\/|\/desk\/take\//.test(addressOf(form))) { return; }
    event.preventDefault();
    send(form, event.submitter);
  });
  addEventListener("popstate", function (event) { if (event.state && event.state.desk || find("[data-desk]")) { location.reload(); } });

  /* What was in sight is told when the page is left, too. */
  addEventListener("pagehide", function () {
    if (!desk || !viewer || !Object.keys(viewer.shown()).length) { return; }
    const data = new FormData();
    data.append("csrfmiddlewaretoken", token());
    data.append("shown", JSON.stringify(viewer.shown()));
    navigator.sendBeacon(desk.dataset.shownUrl, data);
  });

  function fetchAhead() {
    if (!desk || !desk.dataset.nextUrl) { if (viewer) { viewer.ahead([]); } return; }
    fetch(desk.dataset.nextUrl, { credentials: "same-origin" }).then(function (answer) { return answer.json(); }).then(function (told) {
      const kept = {};
      const pictures = [];
      told.next.forEach(function (each) { each.pages.forEach(function (url) { pictures.push(url); }); });
      viewer.ahead(pictures);
      const first = told.next[0];
      if (first && ready[first.file] && Date.now() - ready[first.file].at < AHEAD) { kept[first.file] = ready[first.file]; }
      ready = kept;
      if (first && !kept[first.file]) {
        return fetch(first.file, { credentials: "same-origin" }).then(function (answer) { return answer.text(); }).then(function (text) { ready[first.file] = { text: text, at: Date.now() }; });
      }
      return null;
    }).catch(function () { /* then the page comes when it is asked for */ });
  }

  /* ---- keys ---- */
  function row() { return find(".material-chosen"); }
  function fit() { const button = row() && row().querySelector("[data-fit]"); if (button) { button.click(); } return Boolean(button); }
  function picker() { const open = row() && row().querySelector(".judge-defect[open] [data-reasons]"); return open || null; }
  function defect() {
    const details = row() && row().querySelector(".judge-defect");
    if (!details) { return false; }
    details.open = true;
    details.scrollIntoView({ block: "nearest" });
    details.querySelector("[data-reason]").focus({ preventScroll: true });
    return true;
  }
  function pick(number) {
    const list = picker();
    const button = list && list.querySelectorAll("[data-reason]")[number - 1];
    if (!button) { return false; }
    const form = button.closest("form");
    form.elements.common.value = button.dataset.reason;
    form.elements.reason.value = button.dataset.text;
    send(form, form.querySelector("button[name=verdict][value=defect]"));
    return true;
  }
  function act(name) {
    const control = find("[data-act='" + name + "']");
    if (!control) { return false; }
    if (control.tagName !== "A") { control.focus(); }
    else if (document.getElementById(control.hash.slice(1))) { go(control.hash); }
    else { open(control.href, []).then(function () { go(control.hash); }); }
    return true;
  }
  const ACTS = {
    pass: function () { return act("pass"); },
    back: function () { return act("back"); },
    refuse: function () { return act("refuse"); },
    hold: function () { return act("hold"); },
    hand: function () { return act("hand"); },
    page: function (event) { return Boolean(desk) && viewer.page(event.shiftKey); },
    larger: function () { return Boolean(desk) && viewer.zoom(true); },
    smaller: function () { return Boolean(desk) && viewer.zoom(false); },
    whole: function () { return Boolean(desk) && viewer.zoom(false); },
    help: function () { const box = find("[data-help-box]"); if (box) { help(box.hidden); } return Boolean(box); },
    fit: fit,
    defect: defect,
    next: function () { const form = find("form[action$='/desk/take/']"); if (form) { send(form, null); } return Boolean(form); },
    undo: function () { const form = find("form.undo"); if (form) { send(form, null); } return Boolean(form); },
    note: function () { const field = document.getElementById("note"); if (field) { field.focus(); } return Boolean(field); },
    mark: function () { return Boolean(find("[data-draw]")) && viewer.draw(!viewer.drawing()); },
    turn: function () { return Boolean(desk) && viewer.turn(); },
    two: function () { return Boolean(desk) && viewer.two(); },
    compare: function () {
      const link = find("[data-compare], [data-compare-of]:not([hidden])");
      if (link) { open(link.getAttribute("href"), []); }
      return Boolean(link);
    }
  };
  /* The keys lie where the page says; the number pad does what the digits do. */
  const TWIN = { Equal: "NumpadAdd", Minus: "NumpadSubtract" };
  for (let n = 0; n < 10; n += 1) { TWIN["Digit" + n] = "Numpad" + n; }
  function keys() { return find("[data-keys-on]"); }
  function named(code) {
    const held = keys();
    if (!held || held.dataset.keysOn === "0") { return ""; }
    return Object.keys(ACTS).find(function (name) {
      const own = held.dataset["key" + name[0].toUpperCase() + name.slice(1)];
      return own === code || (own && TWIN[own] === code);
    }) || "";
  }
  function item(number) {
    if (picker() && row().contains(document.activeElement)) { return pick(number); }
    const wanted = find("[data-material='" + number + "']");
    if (wanted) { viewer.choose(String(number), true); }
    return Boolean(wanted);
  }
  for (let n = 1; n < 10; n += 1) { ACTS["item" + n] = function () { return item(n); }; }
  /* With Shift a letter is a capital and no key of ours; + and ? are typed with it, and a page turns back. */
  const SHIFTED = ["page", "larger", "help"];
  function step(event) {
    const name = named(event.code);
    if (!name || (event.shiftKey && SHIFTED.indexOf(name) < 0)) { return false; }
    const at = event.target;
    if (event.code === "Space" && at.closest && at.closest("a, button, summary, label, input")) { return false; }
    return ACTS[name](event);
  }
  document.addEventListener("keydown", function (event) {
    const at = event.target;
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (at.closest && at.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]")) {
      if (event.key === "Escape") { at.blur(); }
      return;
    }
    const box = find("[data-help-box]");
    if (event.key === "Escape") {
      if (box && !box.hidden) { help(false); }
      else if (viewer && viewer.drawing()) { viewer.draw(false); }
      else if (at.blur && at !== document.body) { at.blur(); }
      return;
    }
    if (busy) { return; }
    if (step(event)) { event.preventDefault(); }
  });

  /* ---- every page, the first and those that take its place ---- */
  function begin() {
    document.documentElement.classList.add("has-script");
    desk = find("[data-desk]");
    document.querySelectorAll("[data-help]").forEach(function (button) { button.hidden = false; });
    const names = (desk && desk.dataset.itemNames || "").split(" "); /* what stands on the keys that choose a reason */
    document.querySelectorAll("[data-reasons]").forEach(function (list) {
      list.hidden = false;
      list.querySelectorAll("kbd").forEach(function (key, n) { if (names[n]) { key.textContent = names[n]; } });
    });
    if (desk && viewer) { viewer.init(desk); fetchAhead(); }
  }
  begin();
})();
