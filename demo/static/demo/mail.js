// The frame of a mail is as high as the mail: nothing to scroll, and paper shows all of it.
for (const frame of document.querySelectorAll(".mail-frame")) {
  const fit = () => {
    const sheet = frame.contentDocument?.documentElement;
    if (!sheet) return;
    frame.style.height = "0";
    frame.style.height = `${sheet.scrollHeight + 2}px`;
  };
  frame.addEventListener("load", fit);
  new ResizeObserver(fit).observe(frame.parentElement);
  window.addEventListener("beforeprint", fit);
  fit();
}
