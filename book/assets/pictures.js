/* Opens a picture of a page large: by a click or a key, with its words, and back to where the reader was. */
(() => {
  "use strict";
  const dialog = document.createElement("dialog");
  dialog.className = "herbnb-picture";
  dialog.setAttribute("aria-labelledby", "herbnb-picture-words");
  dialog.innerHTML = `<form method="dialog"><button aria-label="Close">✕</button></form>
    <figure><img alt=""><figcaption id="herbnb-picture-words"></figcaption></figure>`;
  const large = dialog.querySelector("img");
  const words = dialog.querySelector("figcaption");

  const pictures = [...document.querySelectorAll(".herbnb-sheets img")];
  let shown = 0;
  const show = (place) => {
    shown = (place + pictures.length) % pictures.length;
    const { src, alt } = pictures[shown];
    const caption = pictures[shown].closest("figure").querySelector("figcaption").textContent;
    Object.assign(large, { src, alt });
    words.textContent = alt.endsWith(caption) ? alt : `${alt}: ${caption}`;
  };

  pictures.forEach((picture, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "herbnb-open";
    button.setAttribute("aria-haspopup", "dialog");
    picture.replaceWith(button);
    button.append(picture);
    button.addEventListener("click", () => {
      show(place);
      document.body.append(dialog);
      dialog.showModal();
    });
  });

  dialog.addEventListener("click", () => dialog.close()); // Escape does so by itself
  dialog.addEventListener("keydown", ({ key }) => {
    if (key === "ArrowRight") show(shown + 1);
    if (key === "ArrowLeft") show(shown - 1);
  });
  dialog.addEventListener("close", () => pictures[shown].parentNode.focus());
})();
