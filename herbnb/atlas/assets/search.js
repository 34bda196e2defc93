/* Search: a name, a barcode or a collector; what is chosen is flown to. */
Atlas.search = (input, box, atlas) => {
  "use strict";
  const { element } = Atlas;
  const COLUMNS = ["species", "genus", "family", "order", "image_id", "catalog_number", "recorded_by", "gathering"];
  const MOST = 12;
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const folded = new Map(); // the names of each column, without accents, made once
  let found = [];
  let at = -1;

  const known = async (name) => {
    const column = await Atlas.column(name);
    if (!folded.has(name)) folded.set(name, column.names.map(plain));
    return { ...column, plain: folded.get(name) };
  };

  /* Return the names that hold what is asked for: those that begin with it first, then by length. */
  const look = async (asked) => {
    const wanted = plain(asked.trim());
    if (!wanted) return [];
    const here = Atlas.about().columns.filter((each) => COLUMNS.includes(each.name));
    const hits = [];
    for (const { name, label } of here) {
      const { names, plain: texts } = await known(name);
      for (let code = 0; code < names.length; code += 1) {
        const where = texts[code].indexOf(wanted);
        if (where >= 0) hits.push({ column: name, label, name: names[code], code, first: where > 0, long: texts[code].length });
      }
    }
    const rank = (hit) => COLUMNS.indexOf(hit.column);
    hits.sort((a, b) => a.first - b.first || a.long - b.long || rank(a) - rank(b));
    return hits.slice(0, MOST);
  };

  const close = () => {
    found = [];
    at = -1;
    box.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const choose = async (hit) => {
    close();
    input.value = hit.name;
    await atlas.find(hit.column, hit.name);
  };

  const write = () => {
    box.replaceChildren(...found.map((hit, place) => element("li", {
      id: `found-${place}`,
      role: "option",
      "aria-selected": String(place === at),
      onpointerdown: (event) => {
        event.preventDefault();
        choose(hit);
      },
    }, element("span", {}, hit.name), element("small", {}, hit.label))));
    box.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
    if (at >= 0) input.setAttribute("aria-activedescendant", `found-${at}`);
    else input.removeAttribute("aria-activedescendant");
  };

  input.addEventListener("input", async () => {
    const asked = input.value;
    if (!asked && atlas.state.chosen?.column) atlas.choose(null);
    const hits = await look(asked);
    if (asked !== input.value) return; // typed on meanwhile
    found = hits;
    at = -1;
    write();
  });
  input.addEventListener("keydown", async (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      at = found.length ? (at + step + found.length) % found.length : -1;
      write();
    } else if (event.key === "Enter") {
      const hit = found[Math.max(at, 0)] || (await look(input.value))[0];
      if (hit) choose(hit);
    } else if (event.key === "Escape") {
      close();
    }
  });
  input.addEventListener("blur", close);
  return { close };
};
