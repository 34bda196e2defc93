/* Turns the slides: by keys, buttons and the address. N opens a second window, which has the notes and turns along.
   A slide that is taller than the screen is drawn smaller; in a window too small for that, and with notes, it scrolls. */
(() => {
  "use strict";
  const root = document.documentElement;
  const main = document.querySelector("main");
  const slides = [...main.children];
  const place = document.getElementById("place");
  let shown = -1;
  let other = window.opener; // the window that turns along
  const large = matchMedia("(min-width: 701px) and (min-height: 600px)");

  const fit = () => {
    const slide = slides[shown];
    const most = large.matches && !("notes" in root.dataset) ? innerHeight : Infinity;
    const part = Math.min(1, most / slide.scrollHeight);
    slide.style.transform = part < 1 ? `scale(${part})` : "";
    slide.style.marginBottom = part < 1 ? `${(part - 1) * slide.scrollHeight}px` : ""; // the room that it leaves
  };
  const growing = new ResizeObserver(fit); // when a figure is drawn, or an answer opened

  const show = (wanted) => {
    const next = Math.max(0, Math.min(slides.length - 1, wanted || 0));
    if (next === shown) return;
    shown = next;
    slides.forEach((slide, number) => slide.classList.toggle("shown", number === shown));
    growing.disconnect();
    growing.observe(slides[shown]);
    fit();
    place.textContent = `${shown + 1} of ${slides.length}`;
    history.replaceState(null, "", `#${shown + 1}`);
    scrollTo(0, 0);
    if (other) other.postMessage({ slide: shown }, "*"); // a page that lies in a file has no name to send to
  };
  const addressed = () => show(Number(location.hash.slice(1)) - 1);
  const night = () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  };
  const notes = () => {
    other = open(`${location.pathname}?notes#${shown + 1}`, "notes");
  };

  const keys = {
    ArrowRight: () => show(shown + 1),
    ArrowLeft: () => show(shown - 1),
    PageDown: () => show(shown + 1),
    PageUp: () => show(shown - 1),
    " ": () => show(shown + 1),
    Home: () => show(0),
    End: () => show(slides.length - 1),
    d: night,
    n: notes,
  };
  addEventListener("keydown", (event) => {
    const { key, target, altKey, ctrlKey, metaKey } = event;
    const act = keys[key.length === 1 ? key.toLowerCase() : key];
    const taken = key === " " ? "summary, button, input, dialog" : "input, dialog";
    if (!act || altKey || ctrlKey || metaKey || target.closest(taken)) return;
    event.preventDefault();
    act();
  });
  addEventListener("message", ({ source, data }) => {
    if (source === other) show(data.slide);
  });
  addEventListener("hashchange", addressed);
  addEventListener("resize", fit);
  document.getElementById("back").addEventListener("click", () => show(shown - 1));
  document.getElementById("on").addEventListener("click", () => show(shown + 1));
  document.getElementById("night").addEventListener("click", night);
  document.getElementById("aside").addEventListener("click", notes);

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((each) => (each.open = true));
  });
  addEventListener("afterprint", () => folded.forEach((each) => (each.open = false)));

  if (new URLSearchParams(location.search).has("notes")) root.dataset.notes = "";
  main.classList.add("turning");
  addressed();
})();
