// Helps with the form and is never needed; sends and keeps nothing.
(function () {
  "use strict";
  var name = document.getElementById("name");
  if (!name || !name.form) return;
  var initials = document.getElementById("initials");
  var place = document.getElementById("place");
  var country = document.getElementById("country");
  var lines = Array.from(document.querySelectorAll("[data-line]"));
  var examples = lines.map(function (line) { return line.textContent; });
  var leads = lines.map(function (line) { return line.previousElementSibling; });
  var before = leads.map(function (lead) { return lead.textContent; });
  var suggested = initials && initials.value === initialsOf(name.value) ? initials.value : "";

  function firstLetter(word) {
    if (window.Intl && Intl.Segmenter) {
      for (var part of new Intl.Segmenter().segment(word)) return part.segment;
    }
    return Array.from(word)[0];
  }

  function initialsOf(text) {
    return text.split(/[\s\-‐.]+/).filter(Boolean).slice(0, 4)
      .map(function (word) { return firstLetter(word).toLocaleUpperCase() + "."; }).join(" ");
  }

  function value(field) { return field ? field.value.trim() : ""; }

  function show() {
    var land = country && country.value ? country.options[country.selectedIndex].text : "";
    lines.forEach(function (line, at) {
      var parts = line.dataset.line === "full"
        ? [value(name), value(place), land]
        : [value(initials) || initialsOf(value(name)), land];
      leads[at].textContent = parts[0] && leads[at].dataset.live || before[at];
      line.textContent = parts[0] ? parts.filter(Boolean).join(" · ") : examples[at];
    });
  }

  var here = document.getElementById("here");
  var options = Array.from(document.querySelectorAll("input[name=appearance]"))
    .map(function (input) { return input.parentNode; });
  var states = (name.form.dataset.states || "").split(" ");

  // "Only count me" comes first for who lives in a state addressed.
  function tell() {
    var land = value(country);
    var counted = options.find(function (option) { return option.querySelector("[value=counted]"); });
    var order = !land ? options : options.filter(function (option) { return option !== counted; });
    if (land) order.splice(states.includes(land) ? 0 : order.length, 0, counted);
    order.forEach(function (option) { option.parentNode.append(option); });
    if (!here) return;
    var notice = land && document.querySelector("li[data-country=" + land + "]");
    here.hidden = !notice;
    here.replaceChildren.apply(here, notice ? Array.from(notice.cloneNode(true).childNodes) : []);
  }

  name.addEventListener("input", function () {
    if (initials && initials.value === suggested) {
      suggested = initialsOf(value(name));
      initials.value = suggested;
    }
  });
  name.form.addEventListener("input", show);
  name.form.addEventListener("change", show);
  if (country) country.addEventListener("change", tell);
  show();
})();

// The last minute by the reader's own clock, where that differs.
(function () {
  var told = document.querySelector("[data-ends][hidden]");
  if (!told || !window.Intl) return;
  var ends = new Date(told.dataset.ends);
  var zone = /(.)(..):(..)$/.exec(told.dataset.ends);
  if (+(zone[1] + (zone[2] * 60 + +zone[3])) === -ends.getTimezoneOffset()) return;
  var lang = document.documentElement.lang;
  var words = { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" };
  told.textContent = told.dataset.own.replace("{}", new Intl.DateTimeFormat(
    lang === "en" ? "en-GB" : lang, words).format(ends - 60000));
  told.hidden = false;
})();
