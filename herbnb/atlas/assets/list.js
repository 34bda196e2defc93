/* The list: sheets that are chosen, or else in view, as a table, as a contact sheet, and as a file. */
Atlas.list = (box, button, atlas) => {
  "use strict";
  const { element, text } = Atlas;
  const PAGE = 100;
  const TABLED = ["image_id", "species", "family", "institution", "split"];
  let form = "table";
  let most = PAGE;
  let written = 0;

  /* Return rows as CSV: every column that the atlas knows, the ids first, and no cell a formula. */
  const csv = (rows) => {
    const about = Atlas.about();
    const formula = new RegExp(about.formula, "g");
    const cell = (value) => `"${value.replace(formula, "$1'$2").replaceAll('"', '""')}"`;
    const columns = about.columns.map(({ name }) => name);
    const ordered = ["image_id", ...columns.filter((name) => name !== "image_id")];
    const lines = [ordered, ...rows.map((row) => ordered.map((name) => text(name, row)))];
    return `${lines.map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
  };

  const save = async () => {
    await atlas.known();
    const address = URL.createObjectURL(new Blob(["\ufeff", csv(atlas.listed())], { type: "text/csv" }));
    const link = element("a", { href: address, download: "sheets.csv" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };

  const table = (rows) => {
    const columns = Atlas.about().columns.filter(({ name }) => TABLED.includes(name));
    columns.sort((a, b) => TABLED.indexOf(a.name) - TABLED.indexOf(b.name));
    return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of sheets" },
      element("table", {},
        element("thead", {}, element("tr", {}, ...columns.map(({ label }) => element("th", { scope: "col" }, label)))),
        element("tbody", {}, ...rows.map((row) => element("tr", {}, ...columns.map(({ name }) => (
          name === "image_id"
            ? element("th", { scope: "row" }, element("button", { type: "button", onclick: () => atlas.show(row, true) }, text(name, row)))
            : element("td", { class: name }, text(name, row)))))))));
  };

  const contacts = (rows) => element("ul", { class: "contacts scroll" }, ...rows.map((row) => element("li", {},
    element("button", { type: "button", onclick: () => atlas.show(row, true) },
      atlas.pictures.picture(row, 84) || element("span", { class: "unshown" }, "not shown"),
      element("span", {}, text("species", row))))));

  /* Write the list again, if it is open. */
  const write = async () => {
    if (box.hidden) return;
    await atlas.known();
    const rows = atlas.listed();
    written += 1;
    const shown = rows.slice(0, most);
    const what = atlas.state.chosen ? "chosen" : "in view";
    const turn = (name, title) => element("button", {
      type: "button",
      "aria-pressed": String(form === name),
      onclick: () => {
        form = name;
        most = PAGE;
        atlas.change({ list: name });
      },
    }, title);
    box.replaceChildren(...[
      element("header", {}, element("h2", {}, `${rows.length.toLocaleString("en")} ${rows.length === 1 ? "sheet" : "sheets"} ${what}`),
        turn("table", "Table"), Atlas.about().pictures > 0 ? turn("pictures", "Pictures") : null,
        element("button", { type: "button", class: "save", onclick: save }, "Save as CSV"),
        atlas.state.chosen ? element("button", { type: "button", onclick: () => atlas.choose(null) }, "Clear") : null,
        element("button", { type: "button", class: "close", "aria-label": "Close the list", onclick: () => open(false) }, "×")),
      form === "pictures" ? contacts(shown) : table(shown),
      rows.length > shown.length && element("button", {
        type: "button",
        class: "more",
        onclick: () => {
          most += PAGE;
          write();
        },
      }, `${(rows.length - shown.length).toLocaleString("en")} more`),
    ].filter(Boolean));
    box.dataset.written = String(written);
  };

  /* Open the list as a table or as pictures, or close it. */
  const open = (wanted) => {
    if (wanted) form = wanted === "pictures" ? "pictures" : "table";
    box.hidden = !wanted;
    most = PAGE;
    button.setAttribute("aria-expanded", String(!box.hidden));
    atlas.change({ list: wanted ? form : "" }, true);
    return write();
  };

  button.addEventListener("click", () => open(box.hidden ? form : false));
  return { write, open, csv };
};
