/* [data-when="name=value value|other=value"]: shown only while one of these radios is chosen. Without this script everything is shown, with
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
