/* [data-when="name=value value"]: shown only while that radio is chosen. Without this script everything is shown, with
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
      var rule = part.getAttribute("data-when").split("=");
      var value = chosen(rule[0]);
      part.hidden = rule[1].split(" ").indexOf(value) < 0 && !part.querySelector(".error-message");
    });
  }
  if (parts.length) {
    document.addEventListener("change", show);
    window.addEventListener("pageshow", show);
    show();
  }
})();
