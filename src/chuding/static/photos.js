/* <form data-photos>: each photo is shrunk to 1600 px in the browser and sent by itself, three tries each, so that a bad
   line costs one page and not all. Without this script the form sends the photos as they are. */
(function () {
  "use strict";
  var LONG_SIDE = 1600;
  function smaller(file) {
    if (!window.createImageBitmap || !HTMLCanvasElement.prototype.toBlob) { return Promise.resolve(file); }
    return createImageBitmap(file, { imageOrientation: "from-image" }).then(function (picture) {
      var scale = Math.min(1, LONG_SIDE / Math.max(picture.width, picture.height));
      if (scale === 1 && /^image\/(jpeg|png)$/.test(file.type)) { return file; }
      var canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      return new Promise(function (done) { canvas.toBlob(function (blob) { done(blob || file); }, "image/jpeg", 0.85); });
    }).catch(function () { return file; });
  }
  function send(form, blob, name, tries) {
    var data = new FormData();
    data.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    data.append("photos", blob, name);
    return fetch(form.action, { method: "POST", body: data, credentials: "same-origin" }).then(function (answer) {
      if (answer.status >= 500) { throw new Error("server"); }
      return answer.text().then(function (text) { return new DOMParser().parseFromString(text, "text/html"); });
    }).catch(function (fault) {
      if (tries <= 1) { throw fault; }
      return new Promise(function (done) { setTimeout(done, 1500 * (4 - tries)); }).then(function () { return send(form, blob, name, tries - 1); });
    });
  }
  function enhance(form) {
    var input = form.querySelector("input[type=file]"), status = form.querySelector("[data-photos-status]");
    if (!window.fetch || !window.Promise || !window.FormData) { return; }
    form.addEventListener("submit", function (event) {
      var files = Array.prototype.slice.call(input.files);
      if (!files.length || form.dataset.busy) { return; }
      event.preventDefault();
      event.stopPropagation();
      form.dataset.busy = "1";
      var last = null, problems = [];
      files.reduce(function (before, file, place) {
        return before.then(function () {
          status.textContent = "正在处理第" + (place + 1) + "张，共" + files.length + "张…";
          return smaller(file).then(function (blob) { return send(form, blob, "photo.jpg", 3); }).then(function (page) {
            last = page;
            page.querySelectorAll("[data-error-summary] li").forEach(function (line) { problems.push("第" + (place + 1) + "张照片：" + line.textContent.trim()); });
          });
        });
      }, Promise.resolve()).then(function () { show(last, problems); }).catch(function () {
        delete form.dataset.busy;
        if (last) { show(last, problems.concat("网络断开了，后面的照片没有传上去。请检查网络后再选一次。")); return; }
        status.className = "error-message";
        status.textContent = "网络断开了，照片没有传上去。请检查网络后再点一次“添加”。";
      });
    });
  }
  function show(page, problems) {
    document.title = page.title;
    document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
    var status = document.querySelector("[data-photos-status]");
    if (status && problems.length) { status.className = "error-message"; status.textContent = problems.join(" "); status.scrollIntoView({ block: "center" }); }
    document.dispatchEvent(new Event("chuding:content"));
  }
  function all() { document.querySelectorAll("form[data-photos]:not([data-ready])").forEach(function (form) { form.dataset.ready = "1"; enhance(form); }); }
  document.addEventListener("chuding:content", all);
  all();
})();
