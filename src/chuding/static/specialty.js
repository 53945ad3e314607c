/* <select data-combobox>: a box that finds while one types (ARIA APG: editable combobox with a list). Each <option> may carry
   data-search: pinyin initials and what people call it. Without this the list itself stands there, and a search page. */
(function () {
  "use strict";
  function gettext(text) { return (window.chudingWords || {})[text] || text; }
  var MOST = 12;
  function fold(text) { return text.normalize("NFKC").toLowerCase().replace(/\s+/g, ""); }
  function enhance(select, place) {
    var options = Array.prototype.filter.call(select.options, function (option) { return option.value; }).map(function (option) {
      var parts = option.text.split(" › ");
      return { option: option, name: parts[parts.length - 1], path: option.text, text: fold(option.text), words: option.dataset.search || "" };
    });
    var box = document.createElement("input");
    var list = document.createElement("ul");
    var status = document.createElement("p");
    var id = select.id || "combobox-" + place;
    var shown = [];
    var at = -1;
    var composing = false;
    box.type = "text";
    box.className = "input input-full";
    box.autocomplete = "off";
    box.spellcheck = false;
    list.id = id + "-list";
    list.className = "combobox-list";
    list.setAttribute("role", "listbox");
    list.hidden = true;
    status.className = "hint";
    status.setAttribute("role", "status");
    box.setAttribute("role", "combobox");
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-expanded", "false");
    box.setAttribute("aria-controls", list.id);
    ["aria-describedby", "aria-invalid"].forEach(function (name) {
      if (select.hasAttribute(name)) { box.setAttribute(name, select.getAttribute(name)); }
    });
    box.placeholder = gettext("例如 电气、dq、PLC");
    var label = document.querySelector("label[for='" + id + "']");
    list.setAttribute("aria-label", label ? label.textContent : gettext("专业"));
    select.id = id + "-select";
    box.id = id;
    select.hidden = true;
    select.insertAdjacentElement("afterend", box);
    box.insertAdjacentElement("afterend", list);
    list.insertAdjacentElement("afterend", status);
    document.querySelectorAll("[data-without-script]").forEach(function (part) { part.hidden = true; });

    function rank(each, word) {
      var name = fold(each.name);
      if (name === word) { return 0; }
      if (name.indexOf(word) === 0) { return 1; }
      if (name.indexOf(word) >= 0) { return 2; }
      if (each.words.split(" ").some(function (other) { return other.indexOf(word) === 0; })) { return 3; }
      return each.text.indexOf(word) >= 0 || each.words.indexOf(word) >= 0 ? 4 : -1;
    }
    function close() { list.hidden = true; at = -1; box.setAttribute("aria-expanded", "false"); box.removeAttribute("aria-activedescendant"); }
    function mark(next) {
      at = next;
      Array.prototype.forEach.call(list.children, function (row, index) {
        row.setAttribute("aria-selected", String(index === at));
        if (index === at) { box.setAttribute("aria-activedescendant", row.id); row.scrollIntoView({ block: "nearest" }); }
      });
      if (at < 0) { box.removeAttribute("aria-activedescendant"); }
    }
    function twins(each) { return options.filter(function (other) { return other.name === each.name && other !== each; }); }
    function choose(each) {
      select.value = each.option.value;
      box.value = each.path;
      close();
      var others = twins(each).map(function (other) { return other.path; });
      status.textContent = others.length ? gettext("同名的还有“{paths}”，请看清您选的是哪一个。").replace("{paths}", others.join("”“")) : "";
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    function draw(found) {
      list.textContent = "";
      shown = found.slice(0, MOST);
      shown.forEach(function (each, index) {
        var row = document.createElement("li");
        var path = document.createElement("span");
        row.id = list.id + "-" + index;
        row.setAttribute("role", "option");
        if (select.lang) { row.lang = select.lang; }
        row.setAttribute("aria-selected", "false");
        row.textContent = each.name;
        path.className = "choice-hint";
        path.textContent = each.path;
        row.appendChild(path);
        row.addEventListener("mousedown", function (event) { event.preventDefault(); });
        row.addEventListener("click", function () { choose(each); });
        list.appendChild(row);
      });
      list.hidden = !shown.length;
      box.setAttribute("aria-expanded", String(shown.length > 0));
      at = -1;
      box.removeAttribute("aria-activedescendant");
    }
    function find() {
      if (composing) { return; }
      select.value = "";
      var word = fold(box.value);
      if (!word) { close(); status.textContent = ""; return; }
      var found = options.map(function (each, index) { return { each: each, rank: rank(each, word), index: index }; })
        .filter(function (each) { return each.rank >= 0; })
        .sort(function (one, two) { return one.rank - two.rank || one.index - two.index; })
        .map(function (each) { return each.each; });
      draw(found);
      status.textContent = !found.length ? gettext("没有找到。请换一个说法，或者一级一级选。")
        : (found.length > MOST ? gettext("找到 {count} 个专业，先显示前面的，再多输几个字。") : gettext("找到 {count} 个专业")).replace("{count}", found.length);
    }
    box.addEventListener("compositionstart", function () { composing = true; });
    box.addEventListener("compositionend", function () { composing = false; find(); });
    box.addEventListener("input", find);
    box.addEventListener("blur", close);
    box.addEventListener("keydown", function (event) {
      if (event.isComposing) { return; }
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) { find(); }
        if (shown.length) { mark((at + (event.key === "ArrowDown" ? 1 : shown.length + (at < 0 ? 0 : -1))) % shown.length); }
      } else if (event.key === "Enter" && !list.hidden) {
        event.preventDefault();
        choose(shown[Math.max(at, 0)]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      }
    });
    var chosen = options.filter(function (each) { return each.option.value === select.value; })[0];
    if (chosen) { box.value = chosen.path; }
  }
  Array.prototype.forEach.call(document.querySelectorAll("select[data-combobox]"), enhance);
})();
