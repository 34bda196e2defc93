/* The legend: what the colours mean. A name that is chosen leaves the others grey; several may be. */
Atlas.legend = (box, atlas) => {
  "use strict";
  const RAMP = ["#4a56a6", "#2b7bba", "#1f8fa8", "#0b8f6b", "#5f9e45", "#b0952a", "#d98a1c", "#d55e00"];
  const FIRST = 60; // names listed at once
  const { element } = Atlas;
  const { palette, rest } = Atlas.about();
  let listed = FIRST;

  /* Write a number as finely as classes so wide need it. */
  const tidy = (number, wide) => String(Number(number.toFixed(Math.max(0, 1 - Math.floor(Math.log10(wide))))));

  /* Return a column of numbers as classes of equal width, and one for sheets without a number. */
  const classed = ({ numbers }) => {
    let low = Infinity;
    let high = -Infinity;
    for (const each of numbers) {
      if (each < low) low = each;
      if (each > high) high = each;
    }
    const wide = (high - low) / RAMP.length || 1;
    const names = RAMP.map((_, place) => `${tidy(low + place * wide, wide)} to ${tidy(low + (place + 1) * wide, wide)}`);
    const codes = Uint8Array.from(numbers, (each) =>
      (each === each ? Math.min(RAMP.length - 1, Math.floor((each - low) / wide)) : RAMP.length));
    return { names: [...names, "none"], codes, colours: [...RAMP, rest], own: RAMP.length };
  };

  /* Return the classes of the column that gives colours: their names, the code of each sheet, and colours. */
  const classes = async (name) => {
    const column = await Atlas.column(name);
    if (column.numbers) return classed(column);
    return { names: column.names, codes: column.codes, colours: [...palette, rest], own: palette.length };
  };

  const toggle = (name) => {
    const only = new Set(atlas.state.only);
    if (!only.delete(name)) only.add(name);
    atlas.change({ only });
  };

  /* Write the legend of `of` with how many sheets of each class are shown. */
  const write = (of, counts) => {
    const { only } = atlas.state;
    const focused = document.activeElement && box.contains(document.activeElement) ? document.activeElement.dataset.name : null;
    const there = [...of.names.keys()].filter((code) => counts[code] > 0 || only.has(of.names[code]));
    const shown = there.filter((code, place) => place < listed || only.has(of.names[code]));
    const colour = (code) => (code < of.own ? of.colours[code] : only.has(of.names[code]) ? "var(--ink)" : rest);
    const rows = shown.map((code) => element("button", {
      type: "button",
      class: "name",
      "aria-pressed": String(only.has(of.names[code])),
      "data-name": of.names[code],
      onclick: () => toggle(of.names[code]),
    }, element("i", { style: `background:${colour(code)}`, "aria-hidden": "true" }),
    element("span", {}, of.names[code] || "not known"), element("b", {}, counts[code].toLocaleString("en"))));
    const more = there.length > shown.length && element("button", {
      type: "button",
      class: "more",
      onclick: () => {
        listed += 200;
        write(of, counts);
      },
    }, `${(there.length - shown.length).toLocaleString("en")} more`);
    const all = (only.size > 0 || atlas.state.chosen) && element("button", {
      type: "button",
      class: "more",
      onclick: () => atlas.change({ only: new Set(), chosen: null }),
    }, "Show all again");
    box.replaceChildren(...[all, ...rows, more].filter(Boolean));
    if (focused !== null) [...box.querySelectorAll("button")].find((each) => each.dataset.name === focused)?.focus();
  };

  return { classes, write, reset: () => { listed = FIRST; } };
};
