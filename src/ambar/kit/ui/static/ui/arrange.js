/* Cards of a list `data-arrange` are dragged by their grip; the drop posts the card's own form with the new place as `to`.
   The buttons of that form do the same by keyboard and without this script. */
(function () {
  "use strict";

  var held = null;

  function cards(list) {
    return Array.prototype.filter.call(list.children, function (card) { return card.querySelector("[data-grip]"); });
  }

  function placeAt(list, y) {
    var found = cards(list);
    var at = found.findIndex(function (card) {
      var box = card.getBoundingClientRect();
      return y < box.top + box.height / 2;
    });
    var index = at === -1 ? found.length : at;
    return index > found.indexOf(held) ? index - 1 : index;
  }

  function mark(list, place) {
    cards(list).forEach(function (card) { card.classList.remove("before", "after"); });
    if (place === null) return;
    var from = cards(list).indexOf(held);
    if (place !== from) cards(list)[place].classList.add(place < from ? "before" : "after");
  }

  document.addEventListener("pointerdown", function (event) {
    var grip = event.target.closest("[data-grip]");
    if (!grip || event.button) return;
    held = grip.closest("li");
    held.classList.add("held");
    grip.setPointerCapture(event.pointerId);
    event.preventDefault();
  });

  document.addEventListener("pointermove", function (event) {
    if (held) mark(held.parentElement, placeAt(held.parentElement, event.clientY));
  });

  function end(event, drop) {
    if (!held) return;
    var list = held.parentElement;
    var place = placeAt(list, event.clientY);
    var from = cards(list).indexOf(held);
    var form = held.querySelector("form.pair");
    mark(list, null);
    held.classList.remove("held");
    held = null;
    if (!drop || place === from || !form) return;
    var to = document.createElement("input");
    to.type = "hidden";
    to.name = "to";
    to.value = place;
    form.appendChild(to);
    form.requestSubmit();
  }

  document.addEventListener("pointerup", function (event) { end(event, true); });
  document.addEventListener("pointercancel", function (event) { end(event, false); });
})();
