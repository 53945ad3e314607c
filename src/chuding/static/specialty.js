/* [data-specialty]: a server-made catalogue of <details> with .choice rows gets a box that filters it while typing.
   Each .choice may carry data-search (aliases, initials). Without it people open the lists, or use the search page. */
(function () {
  "use strict";
  function gettext(text) { return (window.chudingWords || {})[text] || text; }
  document.querySelectorAll("[data-specialty]").forEach(function (catalogue) {
    var rows = Array.prototype.slice.call(catalogue.querySelectorAll(".choice"));
    var groups = Array.prototype.slice.call(catalogue.querySelectorAll("details"));
    if (!rows.length) { return; }
    var id = "specialty-filter";
    var box = document.createElement("div");
    box.className = "field";
    box.innerHTML = '<label class="label" for="' + id + '">' + gettext("查找专业") + '</label><div class="hint">' + gettext("输入名称、拼音首字母或常用叫法，例如“电气”“dq”“PLC”") + '</div><input class="input" type="search" autocomplete="off" spellcheck="false" id="' + id + '" aria-controls="specialty-list">';
    var status = document.createElement("p");
    status.className = "catalogue-status";
    status.setAttribute("role", "status");
    catalogue.id = catalogue.id || "specialty-list";
    box.querySelector("input").setAttribute("aria-controls", catalogue.id);
    catalogue.parentNode.insertBefore(box, catalogue);
    catalogue.parentNode.insertBefore(status, catalogue);
    var texts = rows.map(function (row) { return (row.textContent + " " + (row.dataset.search || "")).toLowerCase().replace(/\s+/g, ""); });
    var wasOpen = groups.map(function (group) { return group.open; });
    var input = box.querySelector("input");
    var composing = false;
    function filter() {
      if (composing) { return; }
      var wanted = input.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
      var found = 0;
      rows.forEach(function (row, index) {
        var fits = wanted.every(function (word) { return texts[index].indexOf(word) >= 0; });
        row.hidden = !fits && !row.querySelector("input:checked");
        if (fits) { found += 1; }
      });
      groups.forEach(function (group, index) {
        var any = group.querySelector(".choice:not([hidden])");
        group.hidden = !any;
        group.open = wanted.length ? Boolean(any) : wasOpen[index];
      });
      status.textContent = !wanted.length ? "" : found ? gettext("找到 {count} 个专业").replace("{count}", found) : gettext("没有找到。请换一个说法，或清空后逐级查看。");
    }
    input.addEventListener("compositionstart", function () { composing = true; });
    input.addEventListener("compositionend", function () { composing = false; filter(); });
    input.addEventListener("input", filter);
    input.addEventListener("keydown", function (event) { if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); } });
  });
})();
