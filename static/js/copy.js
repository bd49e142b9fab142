// Puts a button below each text that is there to be copied. Without it, it is selected by hand.
(function () {
  "use strict";
  if (!navigator.clipboard) return;
  document.querySelectorAll("[data-copy]").forEach(function (field) {
    var button = document.createElement("button");
    var said = document.createElement("span");
    button.type = "button";
    button.className = "quiet copy";
    button.textContent = field.dataset.copy;
    said.setAttribute("role", "status");
    field.after(button, said);
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(field.value || field.textContent).then(
        function () { said.textContent = field.dataset.copied; },
        function () { field.focus(); if (field.select) field.select(); }
      );
    });
  });
})();
