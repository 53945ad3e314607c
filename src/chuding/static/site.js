/* On every page: focus on the error summary, and one submission a click. Everything works without it. */
(function () {
  "use strict";
  var summary = document.querySelector("[data-error-summary]");
  if (summary) {
    summary.focus();
    summary.addEventListener("click", function (event) {
      var link = event.target.closest ? event.target.closest("a[href^='#']") : null;
      var field = link && document.getElementById(decodeURIComponent(link.getAttribute("href").slice(1)));
      if (!field) { return; }
      event.preventDefault();
      var holder = field.closest(".field") || field;
      holder.scrollIntoView();
      field.focus({ preventScroll: true });
    });
  }

  /* The server refuses a second submission too; this only spares people the sight of it. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.getAttribute("method") !== "post" || form.hasAttribute("data-many")) { return; }
    if (form.dataset.sent && Date.now() - Number(form.dataset.sent) < 8000) { event.preventDefault(); return; }
    form.dataset.sent = String(Date.now());
    var button = event.submitter || form.querySelector("button:not([type=button])");
    if (!button) { return; }
    button.setAttribute("aria-disabled", "true");
    setTimeout(function () { button.removeAttribute("aria-disabled"); }, 8000);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled]").forEach(function (button) { button.removeAttribute("aria-disabled"); });
    });
  });

  /* A wide window has room for the whole menu: where the sheet cannot open it (browsers before 2025), this does. */
  var menu = document.querySelector(".site-menu");
  if (menu && matchMedia("(min-width: 64.0625em)").matches && !CSS.supports("selector(::details-content)")) { menu.open = true; }

  /* The wait for another code is counted; only its end is announced. */
  document.querySelectorAll("[data-wait]").forEach(function (line) {
    var until = Date.now() + 1000 * Number(line.dataset.wait);
    var left = line.querySelector("[data-left]");
    function count() {
      var seconds = Math.ceil((until - Date.now()) / 1000), waits = seconds > 0;
      line.querySelector("[data-from]").hidden = !!left || !waits;
      line.querySelector("[data-ready]").hidden = waits;
      if (left) { left.hidden = !waits; left.textContent = left.textContent.replace(/\d+/, seconds); }
      document.querySelectorAll("[data-again]").forEach(function (button) { button.disabled = waits; });
      if (waits) { setTimeout(count, 1000); }
    }
    count();
  });

  document.querySelectorAll("[data-reload]").forEach(function (part) {
    setTimeout(function () { location.reload(); }, 1000 * Number(part.dataset.reload));
  });

  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
  /* On paper nothing can be unfolded. Not every browser prints what is folded by the sheet alone (::details-content). */
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll(".main details:not([open])").forEach(function (each) { each.open = true; each.dataset.forPrint = "1"; });
  });
  window.addEventListener("afterprint", function () {
    document.querySelectorAll("details[data-for-print]").forEach(function (each) { each.open = false; delete each.dataset.forPrint; });
  });
})();
