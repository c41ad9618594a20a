// What unfold's shell of the admin leaves to the mouse, for keyboards and screen readers.
"use strict";

// Elements that unfold makes buttons of by a click alone, and what the ones without words say.
const BUTTONS = {
  "#header-inner span.material-symbols-outlined[x-on\\:click]": "Menu",
  "#nav-sidebar span.material-symbols-outlined[x-on\\:click]": "Close the menu",
  "#nav-sidebar a[x-on\\:click]:not([href])": "",
  "#nav-sidebar nav + div[x-on\\:click]": "",
};

// A heading stays one: what it holds becomes the button, and its clicks reach the heading.
function insideOf(heading) {
  const inside = document.createElement("span");
  inside.className = "flex flex-row grow items-center";
  inside.append(...heading.childNodes);
  heading.append(inside);
  return inside;
}

// Alpine keeps whether something is open in a variable, which the click turns round.
function tellWhetherOpen(element, click) {
  const turned = /(\w+) = !\1\b/.exec(click);
  if (turned) element.setAttribute("x-bind:aria-expanded", turned[1]);
}

function makeButton(element, label) {
  element.setAttribute("role", "button");
  element.tabIndex = 0;
  if (label) element.setAttribute("aria-label", label);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    element.click();
  });
}

document.addEventListener("DOMContentLoaded", () => {
  for (const [selector, label] of Object.entries(BUTTONS)) {
    for (const element of document.querySelectorAll(selector)) {
      makeButton(element, label);
      tellWhetherOpen(element, element.getAttribute("x-on:click"));
    }
  }
  for (const heading of document.querySelectorAll("#nav-sidebar h2[x-on\\:click]")) {
    const inside = insideOf(heading);
    makeButton(inside, "");
    tellWhetherOpen(inside, heading.getAttribute("x-on:click"));
  }
  // Icons are words to a screen reader, "chevron_right", which those beside them need not.
  for (const icon of document.querySelectorAll("#nav-sidebar .material-symbols-outlined")) {
    if (icon.parentElement.innerText.trim() !== icon.innerText.trim()) icon.ariaHidden = "true";
  }
  // The menu of the person is a second <nav> when it is open.
  document.querySelector("#nav-sidebar nav nav")?.setAttribute("aria-label", "Your account");
  // Before simplebar, whose regions would all have the same name.
  const menu = document.getElementById("nav-sidebar-apps");
  if (menu) menu.setAttribute("data-simplebar-aria-label", "The menu");
});
