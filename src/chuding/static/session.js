/* Signed-in pages: says three minutes before a session ends that it will, and one tap goes on. Another window of the same
   person counts too: only the time of the last visit is noted in the browser, nothing else. */
(function () {
  "use strict";
  var warning = document.querySelector("[data-session-left]");
  if (!warning || !window.fetch) { return; }
  var NOTED = "session-until";
  var BEFORE = 180;
  var form = warning.querySelector("form");
  var timer;

  function until() { try { return Number(localStorage.getItem(NOTED)) || 0; } catch (e) { return 0; } }
  function note(left) {
    own = Date.now() + 1000 * left;
    try { localStorage.setItem(NOTED, String(own)); } catch (e) { /* private window: this page's own time counts */ }
    look();
  }
  var own = 0;
  function say(over) {
    warning.querySelector("[data-warning]").hidden = over;
    warning.querySelector("[data-over]").hidden = !over;
    warning.querySelector("[data-extend]").hidden = over;
    warning.querySelector("[data-return]").hidden = !over;
    warning.hidden = false;
    room();
  }
  /* The bar is fixed at the bottom: what takes the focus is scrolled clear of it (WCAG 2.4.11), at the page's end too. What
     was in sight before the bar came is not scrolled by the browser itself. */
  function room() {
    var height = warning.hidden ? "" : warning.offsetHeight + "px";
    document.documentElement.style.scrollPaddingBottom = document.body.style.paddingBottom = height;
  }
  function clear() {
    var at = document.activeElement;
    if (warning.hidden || warning.contains(at)) { return; }
    var under = at.getBoundingClientRect().bottom - warning.getBoundingClientRect().top;
    if (under > 0) { window.scrollBy(0, under + 8); }
  }
  document.addEventListener("focusin", clear);
  function look() {
    clearTimeout(timer);
    var left = Math.max(own, until()) - Date.now();
    if (left <= 0) { say(true); return; }
    if (left <= 1000 * BEFORE) {
      if (warning.hidden) { document.dispatchEvent(new Event("chuding:keep")); }
      say(false);
      timer = setTimeout(look, Math.min(left, 5000));
      return;
    }
    warning.hidden = true;
    room();
    timer = setTimeout(look, Math.min(left - 1000 * BEFORE, 60000));
  }
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    event.stopPropagation();
    fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" }, redirect: "manual" })
      .then(function (answer) { if (!answer.ok) { throw new Error("over"); } return answer.json(); })
      .then(function (answer) { note(answer.left); })
      .catch(function () { say(true); });
  });
  document.addEventListener("chuding:kept", function () { note(Number(warning.dataset.sessionLeft)); });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { look(); } });
  window.addEventListener("storage", function (event) { if (event.key === NOTED) { look(); } });
  note(Number(warning.dataset.sessionLeft));
})();
