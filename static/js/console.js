// Three things for whoever types in the console: a warning before a page is left with text that is not
// saved, who else has the same page open, and keeping what is typed. Without it, whoever saves second is
// told all the same, and a button keeps what was typed.
(function () {
  "use strict";
  var sent = null;
  var unsaved = null; // a form that was shown with text that is not saved, after an error or a preview

  function isChanged(field) {
    if (field.disabled || field.type === "hidden" || field.type === "submit") return false;
    if (field.type === "checkbox" || field.type === "radio") {
      return field.checked !== field.defaultChecked;
    }
    if (field.options) {
      var options = Array.prototype.slice.call(field.options);
      var chosen = options.filter(function (one) { return one.defaultSelected; });
      if (!chosen.length && !field.multiple) chosen = options.slice(0, 1);
      return options.some(function (one) { return one.selected !== (chosen.indexOf(one) >= 0); });
    }
    return "defaultValue" in field && field.value !== field.defaultValue;
  }

  function holdsText(form) {
    if (form === sent) return false;
    return form === unsaved || Array.prototype.some.call(form.elements, isChanged);
  }

  document.addEventListener("submit", function (event) {
    if (!event.defaultPrevented && event.target.method === "post") sent = event.target;
  });
  document.addEventListener("input", function () { sent = null; });
  window.addEventListener("beforeunload", function (event) {
    var forms = document.querySelectorAll("main form[method=post]");
    if (Array.prototype.some.call(forms, holdsText)) {
      event.preventDefault();
      event.returnValue = "";
    }
  });

  var here = document.querySelector("[data-opened]");
  if (!here || !window.fetch || !window.AbortController) return;
  var form = Array.prototype.filter.call(document.forms, function (one) {
    return one.getAttribute("action") === here.dataset.form;
  })[0];
  if (!form) return;

  function send(url, body, signal) {
    body.set("csrf_token", here.dataset.token);
    body.set("window", here.dataset.window);
    return fetch(url, { method: "POST", body: body, signal: signal });
  }

  // Who else is here: told at once, every half minute, and when one comes back to the page.

  var notice = here.querySelector(".who");
  var names = here.dataset.names;

  function show(others) {
    var list = notice.querySelector("ul");
    list.replaceChildren.apply(list, others.map(function (one) {
      var item = document.createElement("li");
      item.textContent = one.words;
      return item;
    }));
    notice.hidden = !others.length;
    var now = others.map(function (one) { return one.who; }).join("\n");
    if (now !== names) { // not each minute that passes
      here.querySelector(".said").textContent = others.map(function (one) { return one.words; }).join(" ");
    }
    names = now;
  }

  function tell() {
    send(here.dataset.opened, new FormData()).then(function (answer) {
      if (answer.ok) return answer.json().then(function (told) { show(told.others); });
    }).catch(function () { /* the network is away: the next time tells */ });
  }

  tell();
  window.setInterval(tell, 30000);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) tell(); });
  window.addEventListener("pageshow", function (event) { if (event.persisted) tell(); });
  window.addEventListener("pagehide", function () {
    // Whoever sends the form comes back to it, or has saved, and then the server knows.
    if (sent === form || !navigator.sendBeacon) return;
    var body = new FormData();
    body.set("csrf_token", here.dataset.token);
    body.set("window", here.dataset.window);
    navigator.sendBeacon(here.dataset.left, body);
  });

  // What is typed is kept, ten seconds later at most.

  var told = here.querySelector(".kept");
  var keeping = null;
  if ("typed" in here.dataset) unsaved = form;
  var kept = unsaved ? "" : written();

  function fields() {
    var body = new FormData(form);
    Array.from(body.keys()).forEach(function (name) {
      if (body.get(name) instanceof File) body.delete(name);
    });
    return body;
  }

  function written() {
    return new URLSearchParams(fields()).toString();
  }

  function say(words) {
    if (told.textContent !== words) told.textContent = words;
  }

  function keep() {
    var now = written();
    if (now === kept || sent === form) return;
    keeping = new AbortController();
    send(here.dataset.keep, fields(), keeping.signal).then(function (answer) {
      if (answer.ok) kept = now;
      say(answer.ok ? here.dataset.kept : here.dataset.lost);
    }).catch(function () { if (sent !== form) say(here.dataset.lost); });
  }

  Array.prototype.forEach.call(form.querySelectorAll(".by-hand"), function (button) {
    button.remove(); // it is kept by itself
  });
  window.setInterval(keep, 10000);
  document.addEventListener("submit", function () { if (keeping) keeping.abort(); });
})();
