/* Keys at the desk. Everything they do stands on the page as a link, a button or a form; nothing here submits a decision. */
(function () {
  "use strict";
  var OFF = "desk-keys-off";
  var help = document.querySelector("[data-key-help]");
  var opener = document.querySelector("[data-help]");

  function off() { try { return localStorage.getItem(OFF) === "1"; } catch (e) { return false; } }
  function setOff(value) { try { if (value) { localStorage.setItem(OFF, "1"); } else { localStorage.removeItem(OFF); } } catch (e) { /* private window */ } }

  /* A common reason goes into the text, where it can be changed. Without this the server joins the two. */
  document.querySelectorAll("select[name=common]").forEach(function (select) {
    select.addEventListener("change", function () {
      var text = select.form.elements.reason;
      if (select.value) { text.value = select.value; select.value = ""; text.focus(); }
    });
  });

  document.querySelectorAll("[data-pick]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      button.form.querySelectorAll("input[name=refs]").forEach(function (box) { box.checked = button.dataset.pick === "all"; });
    });
  });

  function go(link) {
    var target = document.getElementById(link.hash.slice(1));
    if (!target) { return; }
    location.hash = link.hash;
    var field = target.querySelector("input:not([type=hidden]), textarea, select, button");
    if (field) { field.focus({ preventScroll: true }); }
  }
  document.querySelectorAll(".action-bar a[href^='#']").forEach(function (link) {
    link.addEventListener("click", function (event) { event.preventDefault(); go(link); });
  });

  function toggleHelp(show) {
    if (!help) { return; }
    help.hidden = !show;
    if (show) { help.focus(); } else if (opener) { opener.focus(); }
  }
  function label() {
    var button = help && help.querySelector("[data-keys-switch]");
    if (button) { button.textContent = off() ? "打开快捷键" : "关闭快捷键"; }
  }
  if (help && opener) {
    opener.hidden = false;
    opener.addEventListener("click", function () { toggleHelp(help.hidden); });
    help.querySelector("[data-help-close]").addEventListener("click", function () { toggleHelp(false); });
    help.querySelector("[data-keys-switch]").addEventListener("click", function () { setOff(!off()); label(); });
    label();
  }

  /* Zoom and turn in place; without this the links load the page anew. */
  var viewer = document.querySelector(".viewer-pages[tabindex]");
  var turns = ["0", "90", "180", "270"];
  function change(name, value) {
    var classes = viewer.className.split(" ").filter(function (each) { return each.indexOf(name + "-") !== 0; });
    viewer.className = classes.concat(name + "-" + value).join(" ");
  }
  function has(name) { return viewer.className.split(" ").indexOf(name) >= 0; }
  var zoomer = document.querySelector("[data-zoom]");
  var turner = document.querySelector("[data-turn]");
  if (viewer && zoomer && turner) {
    zoomer.addEventListener("click", function (event) {
      event.preventDefault();
      var large = has("zoom-1");
      change("zoom", large ? "2" : "1");
      zoomer.textContent = large ? "适合宽度" : "放大";
    });
    turner.addEventListener("click", function (event) {
      event.preventDefault();
      var now = turns.filter(function (each) { return has("turn-" + each); })[0];
      change("turn", turns[(turns.indexOf(now) + 1) % turns.length]);
    });
  }

  function current() { return document.querySelector(".material-chosen"); }
  function turnPage(back) {
    var pages = document.querySelector(".viewer-pages");
    if (!pages) { return false; }
    pages.scrollBy({ top: (back ? -0.9 : 0.9) * pages.clientHeight });
    return pages.scrollHeight > pages.clientHeight;
  }
  function press(selector) {
    var found = document.querySelector(selector);
    if (found) { found.click(); }
    return Boolean(found);
  }
  function judge(selector) {
    var row = current();
    var control = row && row.querySelector(selector);
    if (!control) { return false; }
    control.click();
    if (selector === "[data-defect]") { row.querySelector("textarea").focus(); }
    return true;
  }

  document.addEventListener("keydown", function (event) {
    var at = event.target;
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (at.closest && at.closest("input, textarea, select, [contenteditable]")) {
      if (event.key === "Escape") { at.blur(); }
      return;
    }
    if (event.key === "Escape" && help && !help.hidden) { toggleHelp(false); return; }
    if (event.key === "?") { event.preventDefault(); toggleHelp(help && help.hidden); return; }
    if (off()) { return; }
    var done = false;
    var digit = /^Digit([1-6])$/.exec(event.code);
    if (digit) { done = press("[data-material='" + digit[1] + "'] [data-open]"); }
    else if (event.code === "KeyY") { done = judge("[data-fit]"); }
    else if (event.code === "KeyX") { done = judge("[data-defect]"); }
    else if (event.code === "KeyR") { done = press("[data-turn]"); }
    else if (event.key === "+" || event.key === "=") { done = press("[data-zoom]"); }
    else if (event.code === "Space" && !(at.closest && at.closest("a, button, summary"))) { done = turnPage(event.shiftKey); }
    else if (!event.shiftKey) {
      var link = document.querySelector("[data-key='" + event.code + "']");
      if (link) { done = true; if (link.tagName === "A") { go(link); } else { link.focus(); } }
    }
    if (done) { event.preventDefault(); }
  });
})();
