/* <form data-photos>: each photo is shrunk to 1600 px in the browser and sent by itself, one after the other. On a bad line
   the queue waits and goes on by itself: a try that takes too long is given up, the next one comes a little later, and at
   once when the network is back. The server takes the same photo once, so a lost answer adds no page. An answer from
   another address (the session is over, the file is closed) ends the queue and is opened; a refusal is said, never taken in.
   Without this script the form sends the photos as they are. */
(function () {
  "use strict";
  var LONG_SIDE = 1600, PATIENCE = 60000, WAITS = [1500, 3000, 6000, 12000, 20000];
  function gettext(text) { return (window.chudingWords || {})[text] || text; }
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
  function pause(milliseconds) {
    return new Promise(function (done) {
      function go() { clearTimeout(timer); window.removeEventListener("online", go); done(); }
      var timer = setTimeout(go, milliseconds);
      window.addEventListener("online", go);
    });
  }
  function once(form, blob) {
    var data = new FormData(), stop = window.AbortController ? new AbortController() : null;
    data.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    data.append("photos", blob, "photo.jpg");
    var timer = setTimeout(function () { if (stop) { stop.abort(); } }, PATIENCE);
    return fetch(form.action, { method: "POST", body: data, credentials: "same-origin", signal: stop ? stop.signal : undefined }).then(function (answer) {
      if (answer.status >= 500 || answer.status === 429) { throw new Error("server"); }
      return answer.text().then(function (text) {
        return { url: answer.url, status: answer.status, page: new DOMParser().parseFromString(text, "text/html") };
      });
    }).then(function (answer) {
      clearTimeout(timer);
      return answer;
    }, function (fault) { clearTimeout(timer); throw fault; });
  }
  function send(form, blob, waiting, tries) {
    return once(form, blob).catch(function () {
      waiting();
      return pause(WAITS[Math.min(tries, WAITS.length - 1)]).then(function () { return send(form, blob, waiting, tries + 1); });
    });
  }
  function place(address) { return address.split(/[?#]/)[0]; }
  /* Why an answer took no photo; 422 has its reasons on the page itself. */
  function refusal(answer) {
    if (answer.status === 403) { return gettext("第 {n} 张照片没有传上去。请刷新这一页，再选一次。"); }
    if (answer.status === 413) { return gettext("第 {n} 张照片太大，没有传上去。请换一张小一些的。"); }
    return (answer.status >= 400 && answer.status !== 422) || !answer.page.querySelector("main") ? gettext("第 {n} 张照片没有传上去，请再选一次。") : "";
  }
  function fill(text, values) { return text.replace(/\{(\w+)\}/g, function (whole, name) { return name in values ? values[name] : whole; }); }
  function enhance(form) {
    var input = form.querySelector("input[type=file]"), status = form.querySelector("[data-photos-status]");
    if (!window.fetch || !window.Promise || !window.FormData) { return; }
    input.addEventListener("change", function () {
      if (input.files.length) { form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })); }
    });
    form.addEventListener("submit", function (event) {
      var files = Array.prototype.slice.call(input.files);
      if (!files.length) { return; }
      event.preventDefault();
      event.stopPropagation();
      if (form.dataset.busy) { return; }
      form.dataset.busy = "1";
      var last = null, problems = [], elsewhere = "";
      function say(text, bad) { status.className = bad ? "error-message" : "hint"; status.textContent = text; }
      files.reduce(function (before, file, index) {
        var values = { n: index + 1, done: index, total: files.length };
        function going() { say(fill(gettext("正在处理第 {n} 张，共 {total} 张…"), values), false); }
        function waiting() { say(fill(gettext("网络不好，正在自动重传，请不要关闭这一页。已传 {done} 张，共 {total} 张。"), values), true); }
        return before.then(function () {
          if (elsewhere) { return; }
          going();
          return smaller(file).then(function (blob) { return send(form, blob, waiting, 0); }).then(function (answer) {
            if (place(answer.url) !== place(form.action)) { elsewhere = answer.url; return; }
            var wrong = refusal(answer);
            if (wrong) { problems.push(fill(wrong, values)); return; }
            last = answer.page;
            last.querySelectorAll("[data-error-summary] li").forEach(function (line) { problems.push(fill(gettext("第 {n} 张照片："), values) + line.textContent.trim()); });
          });
        });
      }, Promise.resolve()).then(function () {
        if (elsewhere) { location.assign(elsewhere); return; }
        if (last) { show(last, problems); return; }
        delete form.dataset.busy;
        say(problems.join(" "), true);
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
