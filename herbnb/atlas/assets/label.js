/* The label of a sheet: its picture, its names, whose it is, its nearest. A short one goes with the pointer. */
Atlas.label = (box, hint, atlas) => {
  "use strict";
  const { element, text } = Atlas;
  const INTRODUCED = ["image_id", "species", "genus", "family", "order", "references", "reason", "suggested",
    "licence", "rights_holder"];

  const names = (row) => [
    element("p", { class: "species" }, text("species", row)),
    element("p", { class: "above" }, [text("family", row), text("order", row)].filter(Boolean).join(" · ")),
  ];

  /* Return the address of the record of a sheet, if the table has one that a browser can open. */
  const record = (row) => ["references", "occurrence_id"].map((name) => text(name, row))
    .find((address) => /^https?:\/\//i.test(address));

  const rights = (row) => [text("rights_holder", row), text("licence", row)].filter(Boolean).join(", ");

  /* Show the short label at a place of the stage, or hide it when the row is -1. */
  const point = async (row, left, top) => {
    if (row < 0) {
      hint.hidden = true;
      return;
    }
    await atlas.known();
    if (row !== atlas.hovered) return;
    const wide = atlas.camera.size().width;
    hint.replaceChildren(...[atlas.pictures.picture(row, 120), element("div", {}, ...names(row),
      element("p", {}, text("institution", row)))].filter(Boolean));
    hint.hidden = false;
    const half = left > wide / 2;
    hint.style.left = half ? "auto" : `${left + 18}px`;
    hint.style.right = half ? `${wide - left + 18}px` : "auto";
    hint.style.top = `${Math.max(8, Math.min(top - 40, atlas.camera.size().height - hint.offsetHeight - 8))}px`;
  };

  const beside = (row) => {
    const near = atlas.near(row);
    if (!near.length) return null;
    return element("div", { class: "nearest" }, element("h3", {}, `Nearest, as seen by ${atlas.mapName()}`),
      element("ol", {}, ...near.map(({ row: other, likeness }) => element("li", {},
        element("button", { type: "button", onclick: () => atlas.show(other, true) },
          atlas.pictures.picture(other, 58), element("span", {}, text("species", other)),
          element("small", {}, likeness.toFixed(2)))))));
  };

  /* Show the label of a sheet in full, or hide it when the row is -1. */
  const write = async (row) => {
    if (row < 0) {
      box.hidden = true;
      box.replaceChildren();
      return;
    }
    await atlas.known();
    if (row !== atlas.state.sheet) return;
    const link = record(row);
    const facts = Atlas.about().columns.filter(({ name }) => !INTRODUCED.includes(name) && text(name, row)
      && text(name, row) !== link);
    const doubt = text("reason", row) && element("p", { class: "doubt" },
      `On the review list: perhaps ${text("suggested", row)}. ${text("reason", row)}.`);
    box.replaceChildren(...[
      element("button", { type: "button", class: "close", "aria-label": "Close", onclick: () => atlas.show(-1) }, "×"),
      atlas.pictures.picture(row, 190) || element("p", { class: "unshown" },
        "No picture: its licence does not let a page show it, or the run came without it."),
      element("h2", {}, text("species", row)),
      element("p", { class: "above" }, [text("family", row), text("order", row)].filter(Boolean).join(" · ")),
      element("p", { class: "barcode" }, text("image_id", row)),
      doubt || null,
      element("dl", {}, ...facts.flatMap(({ name, label }) => [element("dt", {}, label),
        element("dd", {}, name === "collection" ? Atlas.about().collections[text(name, row)] : text(name, row))])),
      link ? element("p", {}, element("a", { href: link, rel: "noopener", target: "_blank" }, "Its record")) : null,
      rights(row) ? element("p", { class: "rights" }, `Image: ${rights(row)}`) : null,
      beside(row),
    ].filter(Boolean));
    box.hidden = false;
  };

  return { point, write };
};
