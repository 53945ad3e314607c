/* <form data-upload data-limit="10485760"> with one file input: says at once that a file is not a PDF or too big, and
   shows how far the upload has come. With data-parts="address" the file goes in parts, so that a bad line costs one of them.
   Without this script the form posts as any form does. The server's answer is shown as is. */
(function () {
  "use strict";
  function gettext(text) { return (window.chudingWords || {})[text] || text; }
  function say(form, text, bad) {
    var status = form.querySelector("[data-upload-status]");
    if (!status) {
      status = document.createElement("p");
      status.setAttribute("data-upload-status", "");
      status.setAttribute("role", "status");
      form.querySelector("input[type=file]").insertAdjacentElement("afterend", status);
    }
    status.className = bad ? "error-message" : "hint";
    status.textContent = text;
  }
  function megabytes(bytes) { return (bytes / 1048576).toFixed(1) + " MB"; }
  /* `photos`: whether the site makes a PDF of a photo, so that one may be chosen, too. */
  function problem(file, limit, photos) {
    if (!file) { return photos ? gettext("请先选择一个 PDF 或者一张照片。") : gettext("请先选择一个 PDF 文件。"); }
    if (file.size === 0) { return gettext("这个文件是空的。请打开它看看内容，再重新选择。"); }
    if (limit && file.size > limit) { return gettext("这个文件有 {size}，超过了 {limit}。请降低扫描分辨率后重新选择。").replace("{size}", megabytes(file.size)).replace("{limit}", megabytes(limit)); }
    if (!(photos ? /\.(pdf|jpe?g|png|hei[cf])$/i : /\.pdf$/i).test(file.name)) { return gettext("这不是 PDF 文件。请把它转成 PDF 后再选择。"); }
    return "";
  }
  function show(kind, text, address) {
    if (!/text\/html/.test(kind || "")) { location.reload(); return; }
    var answer = new DOMParser().parseFromString(text, "text/html");
    /* After a redirect the answer is that page, with its message: load it a second time and the message is gone. */
    if (address && address.split("#")[0] !== location.href.split("#")[0]) { history.replaceState(null, "", address); }
    document.title = answer.title;
    document.querySelector("main").replaceWith(document.adoptNode(answer.querySelector("main")));
    var summary = document.querySelector("[data-error-summary]");
    if (summary) { summary.focus(); }
    document.dispatchEvent(new Event("chuding:content"));
  }

  /* In parts: each a request of its own, sent again until its answer is there; the server says where to go on, so that a
     lost answer sends nothing twice and the same file chosen again goes on where it stopped. */
  var PART = 262144, PATIENCE = 60000, WAITS = [1500, 3000, 6000, 12000, 20000];
  function hex(bytes) { return Array.prototype.map.call(bytes, function (each) { return ("0" + each.toString(16)).slice(-2); }).join(""); }
  function keyOf(file) {
    if (window.crypto.subtle && file.arrayBuffer) {
      return file.arrayBuffer().then(function (all) { return window.crypto.subtle.digest("SHA-256", all); }).then(function (sum) { return hex(new Uint8Array(sum)); });
    }
    return Promise.resolve(hex(window.crypto.getRandomValues(new Uint8Array(16))));
  }
  function pause(milliseconds) {
    return new Promise(function (done) {
      function go() { clearTimeout(timer); window.removeEventListener("online", go); done(); }
      var timer = setTimeout(go, milliseconds);
      window.addEventListener("online", go);
    });
  }
  function ask(address, data, waiting, tries) {
    var abort = window.AbortController ? new AbortController() : null;
    var timer = setTimeout(function () { if (abort) { abort.abort(); } }, PATIENCE);
    return fetch(address, { method: "POST", body: data, credentials: "same-origin", signal: abort ? abort.signal : undefined }).then(function (answer) {
      if (answer.status >= 500 || answer.status === 429) { throw new Error("server"); }
      return answer.text().then(function (text) { return { kind: answer.headers.get("Content-Type"), text: text, address: answer.url }; });
    }).then(function (answer) { clearTimeout(timer); return answer; }, function () {
      clearTimeout(timer);
      waiting();
      return pause(WAITS[Math.min(tries, WAITS.length - 1)]).then(function () { return ask(address, data, waiting, tries + 1); });
    });
  }
  function inParts(form, file, come, stop, waiting, whole) {
    function failed() { stop(gettext("文件没有传上去。请再选一次。")); }
    keyOf(file).then(function (key) {
      function from(offset) {
        if (offset >= file.size) {
          whole.delete("file");
          whole.append("part", key);
          whole.append("name", file.name);
          come(1);
          ask(form.action, whole, waiting, 0).then(function (answer) { show(answer.kind, answer.text, answer.address); }).catch(failed);
          return;
        }
        var data = new FormData();
        data.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
        data.append("key", key);
        data.append("offset", offset);
        data.append("part", file.slice(offset, offset + PART), "part");
        come(offset / file.size);
        ask(form.dataset.parts, data, waiting, 0).then(function (answer) {
          if (!/json/.test(answer.kind || "")) { location.reload(); return; }
          var told = JSON.parse(answer.text);
          if (told.problem || !(told.size > offset)) { stop(told.problem || gettext("文件没有传上去。请再选一次。")); return; }
          from(told.size);
        }).catch(failed);
      }
      from(0);
    }).catch(failed);
  }
  function enhance(form) {
    var input = form.querySelector("input[type=file]");
    var limit = Number(form.dataset.limit || 0), photos = /image\//.test(input && input.accept);
    if (!input || !window.FormData || !window.XMLHttpRequest) { return; }
    input.addEventListener("change", function () {
      var wrong = input.files.length ? problem(input.files[0], limit, photos) : "";
      say(form, wrong || (input.files[0] ? gettext("已选择：{name}（{size}）").replace("{name}", input.files[0].name).replace("{size}", megabytes(input.files[0].size)) : ""), Boolean(wrong));
      if (input.files.length && !wrong && form.hasAttribute("data-at-once")) { form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })); }
    });
    form.addEventListener("submit", function (event) {
      if (event.defaultPrevented) { return; }
      var wrong = problem(input.files[0], limit, photos);
      event.preventDefault();
      event.stopPropagation();
      if (wrong) { say(form, wrong, true); input.focus(); return; }
      if (form.dataset.busy) { return; }
      form.dataset.busy = "1";
      var bar = document.createElement("progress");
      bar.className = "progress";
      bar.max = 100;
      bar.value = 0;
      bar.setAttribute("aria-label", gettext("上传进度"));
      input.insertAdjacentElement("afterend", bar);
      var data = new FormData(form);
      if (event.submitter && event.submitter.name) { data.append(event.submitter.name, event.submitter.value); }
      function stop(text) { bar.remove(); delete form.dataset.busy; say(form, text, true); }
      function come(share) {
        bar.value = Math.round(100 * share);
        say(form, bar.value < 100 ? gettext("正在上传 {percent}%").replace("{percent}", bar.value) : gettext("上传完成，正在检查文件…"), false);
      }
      if (form.dataset.parts && window.fetch && window.Promise && input.files[0].slice) {
        inParts(form, input.files[0], come, stop, function () {
          say(form, gettext("网络不好，正在自动重传，请不要关闭这一页。已传 {percent}%。").replace("{percent}", bar.value), true);
        }, data);
        return;
      }
      var request = new XMLHttpRequest();
      request.upload.onprogress = function (step) { if (step.lengthComputable) { come(step.loaded / step.total); } };
      request.onload = function () { show(request.getResponseHeader("Content-Type"), request.responseText, request.responseURL); };
      request.onerror = function () { stop(gettext("网络断开了，文件没有传上去。请检查网络后再点一次“上传”。")); };
      request.ontimeout = request.onerror;
      request.timeout = 300000;
      request.open("POST", form.action);
      request.send(data);
    });
  }
  function all() { document.querySelectorAll("form[data-upload]:not([data-ready])").forEach(function (form) { form.dataset.ready = "1"; enhance(form); }); }
  document.addEventListener("chuding:content", all);
  all();
})();
