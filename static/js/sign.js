// Helps with the sign form and is never needed: suggests initials, and shows in each choice how the
// line will read. Sends nothing and keeps nothing.
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

  name.addEventListener("input", function () {
    if (initials && initials.value === suggested) {
      suggested = initialsOf(value(name));
      initials.value = suggested;
    }
  });
  name.form.addEventListener("input", show);
  name.form.addEventListener("change", show);
  show();
})();
