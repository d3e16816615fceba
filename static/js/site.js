/* What is nicer with JavaScript; nothing here is needed. */

// After a refused form, read out and show what is to be corrected.
document.querySelector("[data-focus]")?.focus();

// The filters of a list stand open where there is room for them.
const wide = window.matchMedia("(min-width: 64rem)");
for (const details of document.querySelectorAll("[data-wide-open]")) {
  if (wide.matches) details.open = true;
}

// Escape closes the menu and gives the focus back.
document.querySelector(".site-menu")?.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    event.currentTarget.open = false;
    event.currentTarget.querySelector("summary").focus();
  }
});
