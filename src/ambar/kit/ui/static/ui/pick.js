/* A text field that suggests: `data-pick` is the address that answers {"results": [[value, words]], "said": "…"} to ?q=.
   Without this script it stays a text field. `data-pick-many`: values with commas. `data-pick-with`: other fields of
   the same form that narrow the search. */
(function () {
  "use strict";

  var count = 0;
  var WAIT = 140;

  function opened(input) { return input.pick && !input.pick.list.hidden; }

  function part(input) {
    if (input.dataset.pickMany === undefined) return input.value;
    return input.value.slice(input.value.lastIndexOf(",") + 1).trim();
  }

  function close(input) {
    if (!input.pick) return;
    input.pick.list.hidden = true;
    input.pick.at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(input, at) {
    var options = input.pick.list.children;
    Array.prototype.forEach.call(options, function (option, index) {
      option.setAttribute("aria-selected", String(index === at));
    });
    input.pick.at = at;
    input.setAttribute("aria-activedescendant", options[at].id);
    options[at].scrollIntoView({ block: "nearest" });
  }

  function choose(input, option) {
    var value = option.dataset.value;
    if (input.dataset.pickMany !== undefined) {
      value = input.value.slice(0, input.value.lastIndexOf(",") + 1).replace(/,$/, ", ") + value;
    }
    input.value = value;
    close(input);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function draw(input, found) {
    var list = input.pick.list;
    var marked = input.pick.at >= 0 ? list.children[input.pick.at].dataset.value : null;
    var again = -1;
    list.textContent = "";
    found.results.forEach(function (row, index) {
      var option = document.createElement("li");
      option.id = list.id + "-" + index;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.value = row[0];
      if (row[0] === marked) again = index;
      var value = document.createElement("span");
      value.textContent = row[0];
      option.appendChild(value);
      if (row[1] && row[1] !== row[0]) {
        value.className = "code";
        var words = document.createElement("span");
        words.textContent = row[1];
        option.appendChild(words);
      }
      list.appendChild(option);
    });
    input.pick.said.textContent = found.said;
    list.hidden = !found.results.length;
    list.style.left = input.offsetLeft + "px";
    list.style.top = input.offsetTop + input.offsetHeight + 2 + "px";
    list.style.minWidth = input.offsetWidth + "px";
    input.pick.at = -1;
    input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (again >= 0) mark(input, again);
  }

  function ask(input) {
    var query = new URLSearchParams({ q: part(input) });
    (input.dataset.pickWith || "").split(" ").filter(Boolean).forEach(function (name) {
      var other = input.form && input.form.elements[name];
      if (other && other.value) query.set(name, other.value);
    });
    var mine = ++input.pick.asked;
    fetch(input.dataset.pick + "?" + query, { headers: { Accept: "application/json" }, redirect: "error" })
      .then(function (answer) { return answer.ok ? answer.json() : { results: [], said: "" }; })
      .then(function (found) {
        if (mine === input.pick.asked && document.activeElement === input) draw(input, found);
      })
      .catch(function () { close(input); });
  }

  function prepare(input) {
    if (input.pick) return;
    var list = document.createElement("ul");
    list.id = "pick-" + (++count);
    list.className = "picklist";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.getAttribute("aria-label") || (input.labels[0] || input).textContent.trim());
    var said = document.createElement("span");
    said.className = "visually-hidden";
    said.setAttribute("role", "status");
    input.parentElement.classList.add("picking");
    input.after(list, said);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");
    input.autocomplete = "off";
    input.pick = { list: list, said: said, at: -1, asked: 0, timer: 0 };
    list.addEventListener("mousedown", function (event) {
      var option = event.target.closest("[role=option]");
      event.preventDefault();
      if (option) choose(input, option);
    });
  }

  document.addEventListener("focusin", function (event) {
    var input = event.target;
    if (!input.matches || !input.matches("input[data-pick]")) return;
    prepare(input);
    if (!input.value) ask(input);
  });

  document.addEventListener("focusout", function (event) {
    if (opened(event.target)) close(event.target);
  });

  document.addEventListener("input", function (event) {
    var input = event.target;
    if (!input.pick) return;
    window.clearTimeout(input.pick.timer);
    input.pick.timer = window.setTimeout(function () { ask(input); }, WAIT);
  });

  document.addEventListener("keydown", function (event) {
    var input = event.target;
    if (!input.pick) return;
    if (!opened(input)) {
      if (event.key === "ArrowDown") { event.preventDefault(); ask(input); }
      return;
    }
    var options = input.pick.list.children;
    var at = input.pick.at;
    if (event.key === "ArrowDown") mark(input, (at + 1) % options.length);
    else if (event.key === "ArrowUp") mark(input, at <= 0 ? options.length - 1 : at - 1);
    else if (event.key === "Enter" && at >= 0) choose(input, options[at]);
    else if (event.key === "Escape") close(input);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
})();
