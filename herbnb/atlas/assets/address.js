/* The address: the state of the view behind the # of the page's address, so that it can be sent and restored. */
Atlas.address = (() => {
  "use strict";
  const PLACES = 3;
  const near = (number, places = PLACES) => Number(number.toFixed(places));

  const write = (state, view, id) => {
    const { maps, coloured } = Atlas.about();
    const said = new URLSearchParams();
    if (state.map) said.set("map", maps[state.map].name);
    if (state.collection) said.set("sheets", state.collection);
    if (state.colour !== coloured[0]) said.set("colour", state.colour);
    for (const name of state.only) said.append("only", name);
    if (state.chosen?.lasso) {
      said.set("around", state.chosen.lasso.map((each) => near(each)).join(" "));
      if (state.chosen.map !== state.map) said.set("drawn", maps[state.chosen.map].name);
    }
    if (state.chosen?.column) {
      said.set("column", state.chosen.column);
      said.set("name", state.chosen.name);
    }
    if (state.sheet >= 0) said.set("sheet", id(state.sheet));
    if (state.list) said.set("list", state.list);
    if (view.zoom !== 1 || view.x || view.y) said.set("at", `${near(view.x, 4)} ${near(view.y, 4)} ${near(view.zoom, 3)}`);
    return said.toString();
  };

  /* Return what an address says; what it does not say is as at the beginning, and nonsense says nothing. */
  const read = (text) => {
    const { maps, coloured, collections, columns } = Atlas.about();
    const said = new URLSearchParams(text);
    const map = (name) => Math.max(0, maps.findIndex((each) => each.name === name));
    const numbers = (name) => {
      const found = (said.get(name) || "").split(" ").filter(Boolean).map(Number);
      return found.every(Number.isFinite) ? found : [];
    };
    const state = { map: map(said.get("map")), only: new Set(said.getAll("only")), chosen: null };
    state.collection = Object.hasOwn(collections, said.get("sheets")) ? said.get("sheets") : "";
    state.colour = coloured.includes(said.get("colour")) ? said.get("colour") : coloured[0];
    const lasso = numbers("around");
    if (lasso.length >= 6 && lasso.length % 2 === 0) {
      state.chosen = { lasso, map: said.has("drawn") ? map(said.get("drawn")) : state.map };
    } else if (columns.some(({ name, numbers: counted }) => name === said.get("column") && !counted)) {
      state.chosen = { column: said.get("column"), name: said.get("name") || "" };
    }
    state.list = ["table", "pictures"].includes(said.get("list")) ? said.get("list") : "";
    const [x, y, zoom] = numbers("at");
    const view = zoom > 0 ? { x, y, zoom } : { x: 0, y: 0, zoom: 1 };
    return { state, view, sheet: said.get("sheet") };
  };

  return { write, read, near };
})();
