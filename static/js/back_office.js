/* What the back office needs beside Wagtail's own scripts. */

// Wagtail saves by itself while somebody writes. A page that is sent in the meantime would be made a
// second time, and refused because its address is taken: wait until what is under way has ended.
const LONGEST_WAIT = 15_000; // milliseconds
let saving = false;
let waiting = null;

function send() {
  if (!waiting) return;
  const { form, submitter, timer } = waiting;
  waiting = null;
  clearTimeout(timer);
  form.dataset.wAutosaveActiveValue = "false"; // nothing more is to be saved on the way out
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
    if (!saving || !event.target.matches("[data-edit-form]")) return;
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
