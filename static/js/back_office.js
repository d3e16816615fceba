/* What the back office needs beside Wagtail's own scripts. */

// Wagtail saves by itself while somebody writes. A page that is sent in the meantime would be made a
// second time, and refused because its address is taken: wait until what is under way has ended.
const LONGEST_WAIT = 45_000; // milliseconds: a busy server still answers, a dead one does not
let saving = false;
let waiting = null;

function send() {
  if (!waiting) return;
  const { form, submitter, timer } = waiting;
  waiting = null;
  clearTimeout(timer);
  // The button itself may be disabled or replaced by now: what it says goes along without it.
  if (submitter?.name) {
    const said = Object.assign(document.createElement("input"), {
      type: "hidden",
      name: submitter.name,
      value: submitter.value,
    });
    form.append(said);
  }
  form.requestSubmit();
}

document.addEventListener("w-autosave:save", () => {
  saving = true;
});
for (const ended of ["w-autosave:success", "w-autosave:error"]) {
  document.addEventListener(ended, () => {
    saving = false;
    setTimeout(() => saving || send()); // a next round may start at once
  });
}
document.addEventListener(
  "submit",
  (event) => {
    if (!event.target.matches("[data-edit-form]")) return;
    if (!saving) {
      const { dataset } = event.target;
      const before = dataset.wAutosaveActiveValue;
      dataset.wAutosaveActiveValue = "false"; // else it would start while the form is on its way
      setTimeout(() => {
        if (event.defaultPrevented && before) dataset.wAutosaveActiveValue = before; // it stays here
      });
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    clearTimeout(waiting?.timer);
    const after = () => {
      saving = false;
      send();
    };
    waiting = { form: event.target, submitter: event.submitter, timer: setTimeout(after, LONGEST_WAIT) };
  },
  { capture: true },
);

// The block editor and the translation editor leave some fields without a name, and a region that scrolls
// out of reach of the keyboard. A block's heading names its only field. A heading that tells how much was
// found stays a heading, and is read out.
function mendNames() {
  for (const found of document.querySelectorAll("h2[role=alert]")) {
    found.removeAttribute("role");
    found.setAttribute("aria-live", "polite");
  }
  for (const field of document.querySelectorAll("section[aria-labelledby] :is(input[type=text], [role=textbox])")) {
    if (field.labels?.length || field.hasAttribute("aria-label") || field.hasAttribute("aria-labelledby")) continue;
    field.setAttribute("aria-labelledby", field.closest("section[aria-labelledby]").getAttribute("aria-labelledby"));
  }
  for (const file of document.querySelectorAll(".js-translation-editor input[type=file]:not([aria-label])")) {
    file.setAttribute("aria-label", file.closest("form").parentElement.querySelector("p")?.textContent ?? "PO");
  }
  for (const name of document.querySelectorAll(".js-translation-editor .w-dropdown__toggle .w-sr-only")) {
    const said = window.gettext?.("More actions");
    if (said && name.textContent !== said) name.textContent = said;
  }
  document.querySelector(".w-minimap__list:not([tabindex])")?.setAttribute("tabindex", "0");
}

new MutationObserver(mendNames).observe(document.body, { childList: true, subtree: true });
mendNames();
