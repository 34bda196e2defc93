/* The atlas: one state, of which everything on the page is drawn, and what changes it. */
(async () => {
  "use strict";
  const REACH = 12; // px from the pointer to the point that it means
  const AT_ONCE = 300_000; // sheets, up to which every column is loaded when the first picture is there
  const about = Atlas.about();
  const { sheets, maps, columns, collections } = about;
  const part = (id) => document.getElementById(id);
  const stage = part("stage");
  const begun = Atlas.address.read(location.hash.slice(1));
  let map = null;
  let grid = null;
  let classes = null;
  let moving = false;
  let drawing = 0;
  let tool = "move";

  const atlas = {
    state: { ...begun.state, sheet: -1 },
    hovered: -1,
    stroke: [], // of the lasso that is being drawn, in px
    lit: new Uint8Array(sheets).fill(1),
    shade: new Uint8Array(sheets),
    colours: [],
    map: () => map,
    grid: () => grid,
    moving: () => moving,
    mapName: () => maps[atlas.state.map].name,
  };

  const looked = () => {
    plate?.look(atlas.camera);
    atlas.pictures?.draw();
    settle();
  };
  atlas.camera = Atlas.camera(stage, () => looked());
  const plate = Atlas.plate(part("points"), sheets);
  atlas.pictures = Atlas.pictures(part("overlay"), atlas);
  const legend = Atlas.legend(part("legend"), atlas);
  const label = Atlas.label(part("label"), part("hint"), atlas);
  const list = Atlas.list(part("list"), part("tabled"), atlas);
  Atlas.search(part("search"), part("found"), atlas);

  /* When one has stopped moving: the address and the list follow. */
  let resting = 0;
  const settle = () => {
    clearTimeout(resting);
    stage.dataset.rests = "false";
    resting = setTimeout(() => {
      stage.dataset.rests = String(!drawing);
      const said = Atlas.address.write(atlas.state, atlas.camera.view, atlas.id);
      if (`#${said}` !== location.hash) history.replaceState(null, "", said ? `#${said}` : location.pathname);
      if (!atlas.state.chosen) list.write();
    }, 250);
  };

  atlas.known = () => Promise.all(columns.map(({ name }) => Atlas.column(name)));
  atlas.id = (row) => `${Atlas.text("collection", row)}/${Atlas.text("image_id", row)}`;

  /* The nearest sheets of a sheet on this map: their rows and cosines. */
  atlas.near = (row) => {
    if (row < 0 || !map.near) return [];
    const each = map.near.length / sheets;
    return [...map.near.subarray(row * each, (row + 1) * each)]
      .map((other, place) => ({ row: other, likeness: map.likeness[row * each + place] / 100 }))
      .filter(({ row: other }) => other >= 0);
  };

  /* Return which sheets are chosen, 1 a row, or null where none are. */
  const selection = async () => {
    const { chosen } = atlas.state;
    if (!chosen) return null;
    const found = new Uint8Array(sheets);
    if (chosen.column) {
      const { names, codes } = await Atlas.column(chosen.column);
      const code = names.indexOf(chosen.name);
      for (let row = 0; row < sheets; row += 1) if (codes[row] === code) found[row] = 1;
    } else {
      const on = chosen.map === atlas.state.map ? grid : Atlas.grid(await Atlas.map(chosen.map));
      for (const row of on.inside(chosen.lasso)) found[row] = 1;
    }
    return found;
  };

  /* Say which sheets are lit and in which colour, and draw them. */
  const paint = async (morph = false) => {
    drawing += 1;
    const { collection, only } = atlas.state;
    const [selected, of, belongs] = await Promise.all([selection(), legend.classes(atlas.state.colour), Atlas.column("collection")]);
    classes = of;
    const wanted = Uint8Array.from(of.names, (name) => Number(!only.size || only.has(name)));
    const house = belongs.names.indexOf(collection);
    const counts = new Uint32Array(of.names.length);
    atlas.colours = [...of.colours, getComputedStyle(document.documentElement).getPropertyValue("--ink").trim()];
    const { lit, shade } = atlas;
    let shown = 0;
    for (let row = 0; row < sheets; row += 1) {
      const code = of.codes[row];
      const here = map.x[row] === map.x[row] && (!collection || belongs.codes[row] === house) && (!selected || selected[row]);
      if (here) counts[code] += 1;
      lit[row] = Number(Boolean(here && wanted[code]));
      shown += lit[row];
      shade[row] = 1 + Math.min(code, of.own) + Number(code >= of.own && only.has(of.names[code]));
    }
    legend.write(of, counts);
    const all = shown === sheets ? "" : ` of ${sheets.toLocaleString("en")}`;
    part("count").textContent = `${shown.toLocaleString("en")}${all} sheets`;
    stage.setAttribute("aria-label", `Map of ${shown.toLocaleString("en")} sheets as seen by ${atlas.mapName()}, coloured by ${part("colour").selectedOptions[0]?.textContent || ""}`);
    moving = morph;
    atlas.pictures.draw();
    await plate?.draw({ x: map.x, y: map.y, shade, lit, rest: 1 + of.own, colours: atlas.colours, morph });
    moving = false;
    drawing -= 1;
    atlas.pictures.draw();
    list.write();
    settle();
  };

  /* Change the state and draw what follows from it; `quietly`, when nothing of the map does. */
  atlas.change = async (changed, quietly = false) => {
    const before = atlas.state.map;
    if (changed.colour && changed.colour !== atlas.state.colour) {
      changed.only = new Set();
      legend.reset();
    }
    Object.assign(atlas.state, changed);
    if (quietly) return settle();
    if (changed.list) return Promise.all([list.write(), settle()]);
    if (atlas.state.map !== before) {
      map = await Atlas.map(atlas.state.map);
      grid = Atlas.grid(map);
    }
    controls();
    await paint(atlas.state.map !== before);
    return label.write(atlas.state.sheet);
  };

  /* Show the label of a sheet; fly to it when it may be out of sight. */
  atlas.show = async (row, flying = false) => {
    atlas.state.sheet = row;
    atlas.pictures.draw();
    await label.write(row);
    settle();
    if (row >= 0) part("said").textContent = `${Atlas.text("species", row)}, ${Atlas.text("image_id", row)}`;
    if (row < 0 || map.x[row] !== map.x[row]) return undefined;
    const [x, y] = [map.x[row], map.y[row]];
    if (!flying && !atlas.camera.covered(x, y)) return undefined;
    return atlas.camera.flyTo(x, y, x, y, Math.max(flying ? 8 : 0, atlas.camera.view.zoom));
  };

  atlas.choose = (chosen) => atlas.change({ chosen });

  /* Find the sheets of a name: choose them and fly to them; a single one is shown. */
  atlas.find = async (column, name) => {
    const { names, codes } = await Atlas.column(column);
    const code = names.indexOf(name);
    const rows = [];
    for (let row = 0; row < sheets; row += 1) if (codes[row] === code && map.x[row] === map.x[row]) rows.push(row);
    if (rows.length === 1) {
      await atlas.change({ chosen: null });
      await atlas.show(rows[0], true);
      return;
    }
    await atlas.change({ chosen: { column, name }, collection: "", only: new Set() });
    if (!rows.length) return;
    const xs = rows.map((row) => map.x[row]).sort((a, b) => a - b);
    const ys = rows.map((row) => map.y[row]).sort((a, b) => a - b);
    const most = rows.length - 1;
    await atlas.camera.flyTo(xs[0], ys[0], xs[most], ys[most]);
  };

  /* The sheets that the list shows: those chosen, or else those in view. */
  atlas.listed = () => {
    const rows = [];
    if (atlas.state.chosen) {
      for (let row = 0; row < sheets; row += 1) if (atlas.lit[row]) rows.push(row);
      return rows;
    }
    const { width, height } = atlas.camera.size();
    const [left, top] = atlas.camera.toMap(0, 0);
    const [right, bottom] = atlas.camera.toMap(width, height);
    grid.within(left, bottom, right, top, (row) => atlas.lit[row] && rows.push(row));
    return rows.sort((a, b) => a - b);
  };

  const rowAt = (left, top) => {
    const pictured = atlas.pictures.hit(left, top);
    if (pictured >= 0) return pictured;
    const [x, y] = atlas.camera.toMap(left, top);
    return grid.nearest(x, y, REACH / atlas.camera.scale(), (row) => atlas.lit[row] === 1);
  };

  const home = () => atlas.camera.fly({ x: 0, y: 0, zoom: 1 });
  const clear = () => {
    if (atlas.state.sheet >= 0) atlas.show(-1);
    else if (!part("list").hidden) list.open(false);
    else if (atlas.state.chosen || atlas.state.only.size) atlas.change({ chosen: null, only: new Set() });
  };
  const use = (name) => {
    tool = name;
    stage.dataset.tool = name;
    for (const each of document.querySelectorAll("[data-tool]:not(#stage)")) {
      each.setAttribute("aria-pressed", String(each.dataset.tool === name));
    }
  };

  Atlas.pointer(stage, atlas, {
    tool: () => tool,
    point: (left, top) => {
      const row = left === null ? -1 : rowAt(left, top);
      if (row === atlas.hovered) return;
      atlas.hovered = row;
      stage.classList.toggle("over", row >= 0);
      label.point(row, left, top);
      atlas.pictures.draw();
    },
    tap: (left, top) => atlas.show(rowAt(left, top)),
    around: async (corners) => {
      const lasso = corners.map((value) => Atlas.address.near(value));
      use("move");
      await atlas.choose({ lasso, map: atlas.state.map });
      await list.open(atlas.state.list || (about.pictures ? "pictures" : "table"));
      const xs = lasso.filter((_, each) => each % 2 === 0);
      const ys = lasso.filter((_, each) => each % 2 === 1);
      const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
      if (atlas.camera.covered(box[0], box[1]) || atlas.camera.covered(box[2], box[3])) {
        atlas.camera.flyTo(...box, atlas.camera.view.zoom);
      }
    },
    home, clear,
    middle: () => {
      const { x, y } = atlas.camera.view;
      atlas.show(grid.nearest(x, y, 4, (row) => atlas.lit[row] === 1));
    },
    list: () => list.open(part("list").hidden ? "table" : false),
  });

  const options = (select, entries, chosen) => select.replaceChildren(...entries.map(([value, title]) =>
    Atlas.element("option", { value, selected: value === chosen }, title)));
  const titled = (name) => columns.find((each) => each.name === name).label;
  const controls = () => {
    options(part("map"), maps.map((each, place) => [String(place), each.name]), String(atlas.state.map));
    options(part("collection"), [["", "all"], ...Object.entries(collections)], atlas.state.collection);
    options(part("colour"), about.coloured.map((name) => [name, titled(name)]), atlas.state.colour);
  };
  part("map").addEventListener("change", ({ target }) => atlas.change({ map: Number(target.value) }));
  part("collection").addEventListener("change", ({ target }) => atlas.change({ collection: target.value }));
  part("colour").addEventListener("change", ({ target }) => atlas.change({ colour: target.value }));
  for (const each of document.querySelectorAll("#tools [data-tool]")) each.addEventListener("click", () => use(each.dataset.tool));
  const zoom = (factor) => {
    const centre = atlas.camera.middle();
    atlas.camera.zoomAt(factor, centre.x, centre.y);
  };
  part("closer").addEventListener("click", () => zoom(1.5));
  part("farther").addEventListener("click", () => zoom(1 / 1.5));
  part("whole").addEventListener("click", home);
  part("fold").addEventListener("click", ({ target }) => {
    const open = part("drawers").hidden;
    part("drawers").hidden = !open;
    target.setAttribute("aria-expanded", String(open));
    target.textContent = open ? "Fold" : "Unfold";
    looked();
  });
  if (matchMedia("(max-width: 720px)").matches) part("fold").click();
  if (about.home) {
    part("home").href = about.home;
    part("home").hidden = false;
  }
  new ResizeObserver(looked).observe(stage);
  new MutationObserver(() => paint()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

  if (!plate) {
    part("still").hidden = false;
    stage.hidden = true;
    document.body.classList.add("drawless");
  }
  map = await Atlas.map(atlas.state.map);
  grid = Atlas.grid(map);
  controls();
  Object.assign(atlas.camera.view, begun.view);
  plate?.look(atlas.camera);
  await paint();
  document.documentElement.dataset.drawn = String(Math.round(performance.now()));
  if (about.pictures) await atlas.pictures.begin();
  if (sheets <= AT_ONCE || begun.sheet) await atlas.known();
  if (begun.sheet) {
    for (let row = 0; row < sheets; row += 1) if (atlas.id(row) === begun.sheet) atlas.show(row);
  }
  if (atlas.state.list) await list.open(atlas.state.list);
  window.addEventListener("hashchange", () => location.reload()); // an address that was pasted over ours
  document.documentElement.dataset.ready = "true";
})();
