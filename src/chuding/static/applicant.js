/* What the applicant's pages add where scripts run: parts that concern only some, and keeping what is being typed.

   [data-when="name=value value|other=value"]: shown only while one of these radios is chosen. Without this script everything is shown, with
   words that say who fills it in. A part that holds an error is never hidden. */
(function () {
  "use strict";
  var parts = Array.prototype.slice.call(document.querySelectorAll("[data-when]"));
  function chosen(name) {
    var input = Array.prototype.find.call(document.getElementsByName(name), function (each) { return each.checked; });
    return input ? input.value : null;
  }
  function show() {
    parts.forEach(function (part) {
      var fits = part.getAttribute("data-when").split("|").some(function (text) {
        var rule = text.split("=");
        return rule[1].split(" ").indexOf(chosen(rule[0])) >= 0;
      });
      part.hidden = !fits && !part.querySelector(".error-message");
    });
  }
  if (parts.length) {
    document.addEventListener("change", show);
    window.addEventListener("pageshow", show);
    show();
  }
})();

/* <form data-keep="address">: what stands in the boxes is kept on the server a moment after the last key, and when the page is left.
   Nothing is kept in the browser. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-keep]");
  if (!form || !window.fetch || !window.URLSearchParams) { return; }
  var status = document.querySelector("[data-keep-status]");
  var timer;
  var last = "";
  var sent = false;
  function content() { return new URLSearchParams(new FormData(form)).toString(); }
  function say(text) { if (status) { status.textContent = text; } }
  function keep() {
    clearTimeout(timer);
    var now = content();
    if (sent || now === last) { return; }
    last = now;
    fetch(form.dataset.keep, { method: "POST", body: new URLSearchParams(now), redirect: "manual" })
      .then(function (answer) { if (!answer.ok) { throw new Error("not kept"); } return answer.json(); })
      .then(function (answer) {
        say(answer.kept ? status.dataset.kept.replace("{at}", answer.kept) : "");
        document.dispatchEvent(new Event("chuding:kept"));
      })
      .catch(function () { last = ""; say(status.dataset.lost); });
  }
  function later() { clearTimeout(timer); timer = setTimeout(keep, 1200); }
  last = content();
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", function (event) { if (!event.defaultPrevented) { sent = true; clearTimeout(timer); } });
  document.addEventListener("chuding:keep", keep);
  window.addEventListener("pageshow", function () { sent = false; });
  document.addEventListener("visibilitychange", function () {
    if (!document.hidden || sent || content() === last || !navigator.sendBeacon) { return; }
    last = content();
    navigator.sendBeacon(form.dataset.keep, new URLSearchParams(last));
  });
})();
