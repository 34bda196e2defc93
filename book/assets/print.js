/* Readies a page for paper: by day, as narrow as a sheet, with solutions open; and then back as it was. */
(() => {
  "use strict";
  const root = document.documentElement;
  let theme = "";
  let closed = [];
  addEventListener("beforeprint", () => {
    ({ theme } = root.dataset);
    closed = [...document.querySelectorAll("details.sd-dropdown:not([open])")];
    closed.forEach((each) => (each.open = true));
    root.dataset.printing = "";
    root.dataset.theme = "light"; // figures are drawn again for it
  });
  addEventListener("afterprint", () => {
    closed.forEach((each) => (each.open = false));
    delete root.dataset.printing;
    root.dataset.theme = theme;
  });
})();
