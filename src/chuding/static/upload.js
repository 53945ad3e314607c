/* <form data-upload data-limit="10485760"> with one file input: says at once that a file is not a PDF or too big, and
   shows how far the upload has come. Without it the form posts as any form does. The server's answer is shown as is. */
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
  function problem(file, limit) {
    if (!file) { return gettext("请先选择一个 PDF 文件。"); }
    if (file.size === 0) { return gettext("这个文件是空的。请打开它看看内容，再重新选择。"); }
    if (limit && file.size > limit) { return gettext("这个文件有 {size}，超过了 {limit}。请降低扫描分辨率后重新选择。").replace("{size}", megabytes(file.size)).replace("{limit}", megabytes(limit)); }
    if (!/\.pdf$/i.test(file.name)) { return gettext("这不是 PDF 文件。请把它转成 PDF 后再选择。"); }
    return "";
  }
  function enhance(form) {
    var input = form.querySelector("input[type=file]");
    var limit = Number(form.dataset.limit || 0);
    if (!input || !window.FormData || !window.XMLHttpRequest) { return; }
    input.addEventListener("change", function () {
      var wrong = input.files.length ? problem(input.files[0], limit) : "";
      say(form, wrong || (input.files[0] ? gettext("已选择：{name}（{size}）").replace("{name}", input.files[0].name).replace("{size}", megabytes(input.files[0].size)) : ""), Boolean(wrong));
      if (input.files.length && !wrong && form.hasAttribute("data-at-once")) { form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })); }
    });
    form.addEventListener("submit", function (event) {
      if (event.defaultPrevented) { return; }
      var wrong = problem(input.files[0], limit);
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
      var request = new XMLHttpRequest();
      var data = new FormData(form);
      if (event.submitter && event.submitter.name) { data.append(event.submitter.name, event.submitter.value); }
      function stop(text) { bar.remove(); delete form.dataset.busy; say(form, text, true); }
      request.upload.onprogress = function (step) {
        if (!step.lengthComputable) { return; }
        bar.value = Math.round(100 * step.loaded / step.total);
        say(form, bar.value < 100 ? gettext("正在上传 {percent}%").replace("{percent}", bar.value) : gettext("上传完成，正在检查文件…"), false);
      };
      request.onload = function () {
        if (!/text\/html/.test(request.getResponseHeader("Content-Type") || "")) { location.reload(); return; }
        var answer = new DOMParser().parseFromString(request.responseText, "text/html");
        /* After a redirect the answer is that page, with its message: load it a second time and the message is gone. */
        if (request.responseURL && request.responseURL.split("#")[0] !== location.href.split("#")[0]) { history.replaceState(null, "", request.responseURL); }
        document.title = answer.title;
        document.querySelector("main").replaceWith(document.adoptNode(answer.querySelector("main")));
        var summary = document.querySelector("[data-error-summary]");
        if (summary) { summary.focus(); }
        document.dispatchEvent(new Event("chuding:content"));
      };
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
