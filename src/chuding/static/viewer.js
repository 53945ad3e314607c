/* Page images at the desk: fetched as one nears them, told to the server once they were in sight, turned, marked with boxes. */
(function () {
  "use strict";
  const WHOLE = 0.9;      /* so much of a page's height has to have been on the screen */
  const DWELL = 200;      /* for so many milliseconds at a time */
  const WAIT = 3000;      /* before pictures that are being made are asked for again */
  const TRIES = 4;        /* for a picture that did not come */
  const TURNS = ["0", "90", "180", "270"];
  const pool = new Map(); /* pictures fetched ahead, by address */
  let root = null, pages = null, sheets = [], near = null, drawing = false, timer = 0, waiting = 0, choosing = 0;
  let shown = {}, covered = new Map(), lately = new Map();

  function each(selector, act) { root.querySelectorAll(selector).forEach(act); }

  function load(sheet) {
    if (sheet.classList.contains("has-image")) { return; }
    sheet.classList.add("has-image");
    const url = sheet.dataset.src;
    const early = pool.get(url);
    pool.delete(url);
    /* One that failed when it was fetched ahead is asked for again. */
    const image = early && !(early.complete && !early.naturalWidth) ? early : new Image();
    image.addEventListener("error", function () { again(sheet, image); });
    if (!image.src) { image.src = url; }
    image.alt = sheet.dataset.alt;
    image.width = 794; image.height = 1123;
    sheet.prepend(image);
  }

  /* A picture that the line lost comes by itself, a few times; then the sheet says that it is missing. */
  function again(sheet, image) {
    const tries = Number(sheet.dataset.tries || 0) + 1;
    sheet.dataset.tries = tries;
    if (tries > TRIES) { sheet.classList.add("sheet-broken"); return; }
    setTimeout(function () {
      if (!sheet.isConnected) { return; }
      image.remove();
      sheet.classList.remove("has-image");
      load(sheet);
    }, WAIT * tries);
  }

  function chosen() { return root.querySelector(".material-chosen"); }

  function choose(code, scroll) {
    if (!code) { return; }
    each(".material", function (row) {
      const on = row.dataset.material === code;
      row.classList.toggle("material-chosen", on);
      const link = row.querySelector("[data-open]");
      if (link) { if (on) { link.setAttribute("aria-current", "true"); } else { link.removeAttribute("aria-current"); } }
    });
    each("[data-compare-of], [data-original-of]", function (link) {
      link.hidden = (link.dataset.compareOf || link.dataset.originalOf) !== code;
    });
    const part = root.querySelector("[data-viewer-material='" + code + "']");
    const title = root.querySelector("[data-viewer-title]");
    if (part && title) { title.textContent = part.dataset.title; }
    if (scroll && part) { choosing = Date.now(); part.scrollIntoView({ block: "start" }); }
  }

  function visible(figure, frame) {
    const box = figure.getBoundingClientRect();
    const top = Math.max(box.top, frame.top), bottom = Math.min(box.bottom, frame.bottom);
    if (bottom <= top || box.height <= 0) { return null; }
    return [(top - box.top) / box.height, (bottom - box.top) / box.height];
  }

  function frameOf() {
    const bar = root.querySelector(".action-bar");
    const low = bar && getComputedStyle(bar).position === "sticky" ? Math.min(innerHeight, bar.getBoundingClientRect().top) : innerHeight;
    const inner = pages.getBoundingClientRect();
    return { top: Math.max(0, inner.top), bottom: Math.min(low, inner.bottom) };
  }

  /* A page counts once nearly all of its height has been in sight, its picture loaded and this window in front. */
  function tick() {
    if (document.visibilityState !== "visible" || !pages) { return; }
    const frame = frameOf();
    const now = new Map();
    let best = null, most = 0;
    sheets.forEach(function (figure) {
      const range = visible(figure, frame);
      if (!range) { return; }
      const part = (range[1] - range[0]) * figure.offsetHeight;
      if (part > most) { most = part; best = figure; }
      const image = figure.querySelector("img");
      if (!image || !image.complete || !image.naturalWidth || "seen" in figure.dataset) { return; }
      now.set(figure, range);
      const before = lately.get(figure);
      if (!before) { return; }
      const stay = [Math.max(before[0], range[0]), Math.min(before[1], range[1])];
      if (stay[1] <= stay[0]) { return; }
      const had = covered.get(figure);
      const got = !had || stay[0] > had[1] + 0.02 || stay[1] < had[0] - 0.02 ? stay : [Math.min(had[0], stay[0]), Math.max(had[1], stay[1])];
      covered.set(figure, got);
      if (got[1] - got[0] >= WHOLE) { seen(figure); }
    });
    lately = now;
    if (best && Date.now() - choosing > 600 && !root.contains(document.activeElement && document.activeElement.closest("[data-judge]"))) {
      const row = chosen();
      if (!row || row.dataset.material !== best.dataset.code) { choose(best.dataset.code, false); }
    }
  }

  function seen(figure) {
    figure.dataset.seen = "";
    const of = figure.dataset.of;
    (shown[of] = shown[of] || []).push(Number(figure.dataset.page));
    const row = root.querySelector("[data-ref='" + of + "']");
    const left = root.querySelectorAll("[data-of='" + of + "']:not([data-seen])").length;
    const word = row && row.querySelector(".unseen");
    if (word) { if (left) { word.textContent = "还有 " + left + " 页没有看，看过才能判为合格"; } else { word.textContent = "每一页都看过"; word.className = "good-text"; } }
    const note = root.querySelector("[data-pass-note]");
    if (note && !root.querySelector(".viewer-page[data-page]:not([data-seen])")) {
      note.textContent = "每一页都看过";
    }
  }

  /* ---- boxes ---- */
  const SVG = "http://www.w3.org/2000/svg";

  function formOf(figure) {
    const row = root.querySelector("[data-ref='" + figure.dataset.of + "']");
    return row && row.querySelector("[data-judge]");
  }
  function keep(figure) {
    const form = formOf(figure);
    if (!form) { return; }
    const all = [];
    root.querySelectorAll("[data-of='" + figure.dataset.of + "']").forEach(function (each) {
      each.querySelectorAll(".marks rect").forEach(function (rect) {
        all.push([Number(each.dataset.page)].concat(["x", "y", "width", "height"].map(function (name) { return Number(rect.getAttribute(name)); })));
      });
    });
    form.elements.marks.value = JSON.stringify(all);
    const details = form.querySelector(".judge-defect");
    if (details && all.length) { details.open = true; }
  }
  function draw(on) {
    if (!pages) { return false; }
    drawing = on;
    if (on) { turnTo("0"); }
    pages.classList.toggle("drawing", on);
    each("[data-draw]", function (button) { button.setAttribute("aria-pressed", String(on)); button.textContent = on ? "画好了" : "画框"; });
    return true;
  }
  function onDown(event) {
    const svg = event.target.closest && event.target.closest(".marks");
    if (!drawing || !svg || event.button) { return; }
    const figure = svg.closest("figure");
    if (!formOf(figure)) { return; }
    event.preventDefault();
    if (event.target.tagName === "rect") { event.target.remove(); keep(figure); return; }
    const box = svg.getBoundingClientRect();
    const at = function (e) {
      return [Math.round((e.clientX - box.left) / box.width * 1000), Math.round((e.clientY - box.top) / box.height * 1000)].map(function (n) { return Math.max(0, Math.min(1000, n)); });
    };
    const from = at(event);
    const rect = document.createElementNS(SVG, "rect");
    svg.append(rect);
    svg.setPointerCapture(event.pointerId);
    function size(e) {
      const to = at(e);
      rect.setAttribute("x", Math.min(from[0], to[0])); rect.setAttribute("y", Math.min(from[1], to[1]));
      rect.setAttribute("width", Math.abs(to[0] - from[0])); rect.setAttribute("height", Math.abs(to[1] - from[1]));
    }
    function end(e) {
      size(e);
      svg.removeEventListener("pointermove", size); svg.removeEventListener("pointerup", end); svg.removeEventListener("pointercancel", end);
      if (Number(rect.getAttribute("width")) < 8 || Number(rect.getAttribute("height")) < 8) { rect.remove(); }
      keep(figure);
    }
    size(event);
    svg.addEventListener("pointermove", size); svg.addEventListener("pointerup", end); svg.addEventListener("pointercancel", end);
  }

  /* ---- how it is shown ---- */
  function has(name) { return pages.classList.contains(name); }
  function turnTo(turn) {
    TURNS.forEach(function (each) { pages.classList.toggle("turn-" + each, each === turn); });
  }
  function turn() {
    if (!pages) { return false; }
    const now = TURNS.find(function (each) { return has("turn-" + each); }) || "0";
    draw(false);
    turnTo(TURNS[(TURNS.indexOf(now) + 1) % TURNS.length]);
    return true;
  }
  function zoom(large) {
    if (!pages) { return false; }
    const place = pages.scrollTop / pages.scrollHeight;
    pages.classList.toggle("zoom-2", large); pages.classList.toggle("zoom-1", !large);
    each("[data-zoom]", function (link) { link.textContent = large ? "适合宽度" : "放大"; });
    pages.scrollTop = place * pages.scrollHeight;
    return true;
  }
  function two() {
    if (!pages) { return false; }
    const on = !has("two");
    pages.classList.toggle("two", on);
    each("[data-two]", function (link) { link.textContent = on ? "单页" : "双页"; });
    return true;
  }
  function page(back) {
    if (!pages) { return false; }
    const own = pages.scrollHeight > pages.clientHeight + 4 && getComputedStyle(pages).overflowY !== "visible";
    const frame = frameOf(), below = pages.getBoundingClientRect().bottom - frame.bottom;
    if (own && below > 8) { /* first the whole window of pages into sight, as far as the document can be moved */
      const high = scrollY;
      scrollBy({ top: below, behavior: "instant" });
      if (scrollY !== high) { return true; }
    }
    const step = (back ? -0.85 : 0.85) * (frame.bottom - frame.top);
    const mover = own ? pages : document.scrollingElement, before = mover.scrollTop;
    mover.scrollBy({ top: step, behavior: "instant" });
    if (!back && mover.scrollTop === before) { missed(); }
    return true;
  }

  /* From the end one goes back to the first page that went by before its picture was there, or too fast. */
  function missed() {
    const figure = sheets.find(function (each) { return each.isConnected && !("seen" in each.dataset); });
    if (figure) { figure.scrollIntoView({ block: "start", behavior: "instant" }); }
  }
  function onClick(event) {
    const link = event.target.closest && event.target.closest("[data-zoom], [data-turn], [data-two], [data-draw], [data-open], [data-jump]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    const data = link.dataset;
    if ("zoom" in data) { zoom(!has("zoom-2")); }
    else if ("turn" in data) { turn(); }
    else if ("two" in data) { two(); }
    else if ("draw" in data) { draw(!drawing); }
    else if ("jump" in data) { choose(data.jump, true); }
    else { choose(link.closest(".material").dataset.material, true); }
  }

  /* Pictures that were still being made come into their places by themselves. */
  function later() {
    const mine = root, link = pages && root.querySelector(".viewer-wait a");
    if (!link) { return; }
    fetch(link.href, { credentials: "same-origin" }).then(function (answer) { return answer.text(); }).then(function (text) {
      if (root !== mine || !pages) { return; }
      const next = new DOMParser().parseFromString(text, "text/html");
      each(".viewer-wait", function (wait) {
        const place = wait.closest("[data-viewer-material]");
        const made = next.querySelector("[data-viewer-material='" + place.dataset.viewerMaterial + "']");
        if (!made || made.querySelector(".viewer-wait")) { return; }
        made.querySelectorAll("noscript").forEach(function (one) { one.remove(); });
        place.replaceWith(document.adoptNode(made));
        made.querySelectorAll(".viewer-page").forEach(function (figure) { sheets.push(figure); near.observe(figure.querySelector(".sheet")); });
      });
    }).catch(function () { /* asked again below */ }).then(function () { if (root === mine) { waiting = setTimeout(later, WAIT); } });
  }

  function init(desk) {
    if (near) { near.disconnect(); }
    clearInterval(timer);
    clearTimeout(waiting);
    root = desk; shown = {}; covered = new Map(); lately = new Map(); drawing = false;
    pages = root.querySelector(".viewer-pages[tabindex]");
    sheets = Array.from(root.querySelectorAll(".viewer-page"));
    each("[data-draw]", function (button) { button.hidden = false; });
    if (pages) {
      near = new IntersectionObserver(function (entries) {
        entries.forEach(function (entry) { if (entry.isIntersecting) { load(entry.target); near.unobserve(entry.target); } });
      }, { rootMargin: "900px 0px" });
      sheets.forEach(function (figure, n) { const sheet = figure.querySelector(".sheet"); if (n < 3) { load(sheet); } else { near.observe(sheet); } });
      pages.addEventListener("pointerdown", onDown);
      root.addEventListener("click", onClick);
      timer = setInterval(tick, DWELL);
      waiting = setTimeout(later, WAIT);
      const code = new URLSearchParams(location.search).get("material") ? chosen() && chosen().dataset.material : "";
      if (code && pages.scrollTop === 0) { choose(code, getComputedStyle(pages).overflowY !== "visible"); }
    }
  }
  function stop() {
    clearInterval(timer);
    clearTimeout(waiting);
    if (near) { near.disconnect(); near = null; }
    sheets.forEach(function (figure) { const image = figure.querySelector("img"); if (image) { image.removeAttribute("src"); } });
    sheets = []; pages = null; covered = new Map(); lately = new Map();
  }
  function ahead(urls) {
    Array.from(pool.keys()).forEach(function (url) { if (urls.indexOf(url) < 0) { pool.delete(url); } });
    urls.forEach(function (url) { if (!pool.has(url)) { const image = new Image(); image.src = url; pool.set(url, image); } });
  }

  window.DeskViewer = {
    init: init, stop: stop, ahead: ahead, choose: choose, turn: turn, two: two, page: page, zoom: zoom,
    drawing: function () { return drawing; }, draw: draw,
    shown: function () { return shown; },
    unseen: function () { return sheets.filter(function (figure) { return figure.isConnected && !("seen" in figure.dataset); }).length + (root ? root.querySelectorAll(".viewer-wait").length : 0); }
  };
})();
