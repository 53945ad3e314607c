/* Beside an entry's form the notice's text follows: the cited clause comes into view, the quoted words are marked, and a
   quotation that is not in the text is told while it is typed. The server says the same on saving. */
(function () {
  "use strict";
  var form = document.querySelector("[data-quoting]");
  var panel = document.querySelector(".notice-panel");
  if (!form || !panel) { return; }
  var select = form.elements.clause;
  var sentence = form.elements.sentence;
  var state = form.querySelector("[data-quote-state]");
  if (!select) { return; }

  function within(label, mine) { return mine === label || mine.indexOf(label + "(") === 0; }

  function show(scroll) {
    var label = select.value;
    var words = sentence ? sentence.value.trim() : "";
    var found = false;
    var first = null;
    panel.querySelectorAll(".panel-clause").forEach(function (clause) {
      var mine = clause.dataset.label;
      var text = clause.querySelector(".panel-text");
      clause.classList.toggle("panel-cited", mine === label);
      if (mine === label) { first = clause; }
      if (!text) { return; }
      var whole = text.textContent;
      var place = words && within(label, mine) ? whole.indexOf(words) : -1;
      text.textContent = whole;
      if (place >= 0 && !found) {
        found = true;
        var mark = document.createElement("mark");
        mark.textContent = words;
        text.textContent = "";
        text.append(whole.slice(0, place), mark, whole.slice(place + words.length));
      }
    });
    if (state) {
      var wrong = label && words && !found;
      state.textContent = wrong ? "这句话不是逐字见于" + label + "，请从通知原文里选中、复制、粘贴。" : label && words ? "与原文一致。" : "";
      state.classList.toggle("bad-text", Boolean(wrong));
      state.classList.toggle("good-text", !wrong);
    }
    if (first && scroll) { panel.scrollTop = first.offsetTop - panel.offsetTop - 8; }
  }

  select.addEventListener("change", function () { show(true); });
  if (sentence) { sentence.addEventListener("input", function () { show(false); }); }
  /* What the server said stands until something is changed: it knows more (a near miss is quoted). */
  var cited = panel.querySelector(".panel-cited");
  if (cited) { panel.scrollTop = cited.offsetTop - panel.offsetTop - 8; }
})();
