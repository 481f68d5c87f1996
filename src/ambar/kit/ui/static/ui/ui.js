/* Ambar's own behaviour: everything works without it, this makes it quick. */
(function () {
  "use strict";

  function remember(name, value) {
    document.cookie = name + "=" + value + "; path=/; max-age=31536000; samesite=lax";
  }

  try {
    remember("ambar_zone", Intl.DateTimeFormat().resolvedOptions().timeZone);
  } catch (error) { /* the server's zone stays */ }

  function rowsOf(table) {
    return Array.prototype.slice.call(table.querySelectorAll("tbody tr"));
  }

  function move(table, step) {
    var rows = rowsOf(table);
    if (!rows.length) return;
    var at = rows.findIndex(function (row) { return row.classList.contains("current"); });
    var next = Math.max(0, Math.min(rows.length - 1, at + step));
    if (at === -1) next = step > 0 ? 0 : rows.length - 1;
    rows.forEach(function (row) { row.classList.remove("current"); });
    rows[next].classList.add("current");
    rows[next].scrollIntoView({ block: "nearest" });
  }

  function editing(target) {
    return target.closest("input, select, textarea, button, summary, [contenteditable]");
  }

  function showSelection(table) {
    var bar = document.querySelector("[data-selection]");
    if (!bar) return;
    var chosen = table.querySelectorAll("tbody input[data-pick]:checked").length;
    bar.classList.toggle("open", chosen > 0);
    bar.querySelector("[data-chosen]").textContent = chosen;
  }

  document.addEventListener("click", function (event) {
    var target = event.target;
    var collapse = target.closest("[data-collapse]");
    if (collapse) {
      var shell = document.querySelector(".shell");
      var narrow = shell.dataset.nav !== "narrow";
      shell.dataset.nav = narrow ? "narrow" : "wide";
      collapse.setAttribute("aria-expanded", String(!narrow));
      remember("ambar_nav", shell.dataset.nav);
      return;
    }
    var copy = target.closest("[data-copy]");
    if (copy) {
      event.preventDefault();
      event.stopPropagation();
      if (navigator.clipboard) navigator.clipboard.writeText(copy.dataset.copy);
      return;
    }
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(target)) menu.open = false;
    });
    var row = target.closest("tr[data-href]");
    if (row && !target.closest("a, button, input, label, select, details") && !String(window.getSelection())) {
      window.location.assign(row.dataset.href);
    }
  });

  document.addEventListener("change", function (event) {
    var target = event.target;
    if (target.matches("[data-submit]")) {
      target.form.requestSubmit();
      return;
    }
    var table = target.closest("table");
    if (!table) return;
    if (target.matches("[data-pick-all]")) {
      table.querySelectorAll("tbody input[data-pick]").forEach(function (box) { box.checked = target.checked; });
    }
    if (target.matches("[data-pick], [data-pick-all]")) showSelection(table);
  });

  document.addEventListener("htmx:configRequest", function (event) {
    if (event.target.dataset.clean === undefined) return;
    var form = event.detail.formData;
    Array.from(form.keys()).forEach(function (name) { if (!form.get(name)) form.delete(name); });
  });

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.clean !== undefined && !window.htmx) {
      form.querySelectorAll("input, select").forEach(function (field) { if (!field.value) field.disabled = true; });
    }
    var elsewhere = event.submitter && event.submitter.formTarget === "_blank";
    if (form.method === "post" && !elsewhere) {
      window.setTimeout(function () {
        form.querySelectorAll("button").forEach(function (button) { button.disabled = true; });
      }, 0);
    }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      document.querySelectorAll("details.menu[open]").forEach(function (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || editing(event.target)) return;
    if (event.key === "/") {
      var search = document.querySelector("[data-search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
      return;
    }
    var table = document.querySelector("table[data-keys]");
    if (!table) return;
    var current = table.querySelector("tr.current");
    if (event.key === "ArrowDown" || event.key === "j") { event.preventDefault(); move(table, 1); }
    else if (event.key === "ArrowUp" || event.key === "k") { event.preventDefault(); move(table, -1); }
    else if (event.key === "Enter" && current && current.dataset.href) { window.location.assign(current.dataset.href); }
    else if (event.key === "b") {
      var bar = document.querySelector("[data-selection].open");
      var first = bar && bar.querySelector("select, button");
      if (first) { event.preventDefault(); first.focus(); }
    }
    else if (event.key === "x" && current) {
      var box = current.querySelector("input[data-pick]");
      if (box) { box.checked = !box.checked; showSelection(table); }
    }
  });
})();
