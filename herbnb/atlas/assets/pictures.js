/* What lies over the points: thumbnails where there is room for them, lines to the nearest sheets, rings. */
Atlas.pictures = (canvas, atlas) => {
  "use strict";
  const { across, down, width, height } = Atlas.about().tile;
  const MOST = 420; // sheets in view, above which they are points
  const FEWEST = 0.12; // of these that find room; were they fewer, they would hide how many there are
  const NARROWEST = 26; // px of a picture
  const WIDEST = 150;
  const tiles = new Map();
  let numbers = null;
  let drawn = [];
  let asked = 0;

  const inked = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

  /* Return the tile with a thumbnail, once it is there, and where on it that lies. */
  const thumbnail = (row) => {
    if (!numbers || numbers[row] < 0) return null;
    const number = Math.floor(numbers[row] / (across * down));
    const place = numbers[row] % (across * down);
    if (!tiles.has(number)) {
      const image = new Image();
      image.onload = draw;
      image.src = `tiles/${number}.webp`;
      tiles.set(number, image);
    }
    return { image: tiles.get(number), left: (place % across) * width, top: Math.floor(place / across) * height };
  };

  /* Return an element that shows a sheet, `wide` px wide, or null where it may not be shown. */
  const picture = (row, wide) => {
    const found = thumbnail(row);
    if (!found) return null;
    const zoom = wide / width;
    const made = Atlas.element("span", { class: "picture", role: "img", "aria-label": `Sheet of ${Atlas.text("species", row)}` });
    Object.assign(made.style, {
      width: `${wide}px`,
      height: `${height * zoom}px`,
      backgroundImage: `url("${found.image.src}")`,
      backgroundPosition: `${-found.left * zoom}px ${-found.top * zoom}px`,
      backgroundSize: `${width * across * zoom}px auto`,
    });
    return made;
  };

  /* Draw thumbnails of what is in view, as far as they do not lie on one another. */
  const place = (pen, camera, map) => {
    drawn = [];
    if (!numbers || atlas.moving()) return;
    const size = camera.size();
    const [left, top] = camera.toMap(0, 0);
    const [right, bottom] = camera.toMap(size.width, size.height);
    const seen = [];
    atlas.grid().within(left, bottom, right, top, (row) => {
      if (atlas.lit[row] && numbers[row] >= 0 && seen.length <= MOST) seen.push(row);
    });
    if (seen.length > MOST) return;
    const wide = Math.min(WIDEST, 0.62 * Math.sqrt((size.width * size.height) / Math.max(seen.length, 1)));
    if (wide < NARROWEST) return;
    const high = (wide * height) / width;
    const cells = new Map();
    const cell = (x, y) => `${Math.floor(x / wide)},${Math.floor(y / high)}`;
    const taken = (x, y) => [-1, 0, 1].some((dx) => [-1, 0, 1].some((dy) =>
      (cells.get(cell(x + dx * wide, y + dy * high)) || []).some(([otherX, otherY]) =>
        Math.abs(otherX - x) < 0.8 * wide && Math.abs(otherY - y) < 0.8 * high)));
    const placed = seen.map((row) => [row, ...camera.toScreen(map.x[row], map.y[row])]).filter(([, x, y]) => {
      if (taken(x, y)) return false;
      cells.set(cell(x, y), [...(cells.get(cell(x, y)) || []), [x, y]]);
      return true;
    });
    if (placed.length < FEWEST * seen.length) return;
    for (const [row, x, y] of placed) {
      const found = thumbnail(row);
      if (found.image.complete && found.image.naturalWidth) {
        drawn.push({ row, left: x - wide / 2, top: y - high / 2, wide, high, found });
      }
    }
    for (const each of drawn) {
      pen.drawImage(each.found.image, each.found.left, each.found.top, width, height, each.left, each.top, each.wide, each.high);
      pen.fillStyle = atlas.colours[atlas.shade[each.row] - 1];
      pen.fillRect(each.left, each.top + each.high, each.wide, 3); // the point's colour stays with the picture
    }
  };

  const ring = (pen, camera, map, row, wide) => {
    if (row < 0 || map.x[row] !== map.x[row]) return;
    const [x, y] = camera.toScreen(map.x[row], map.y[row]);
    pen.lineWidth = wide;
    pen.beginPath();
    pen.arc(x, y, 9, 0, 2 * Math.PI);
    pen.stroke();
  };

  const lines = (pen, camera, map, row) => {
    const near = atlas.near(row);
    if (!near.length || map.x[row] !== map.x[row]) return;
    const from = camera.toScreen(map.x[row], map.y[row]);
    pen.lineWidth = 1.6;
    for (const { row: other } of near) {
      const to = camera.toScreen(map.x[other], map.y[other]);
      pen.beginPath();
      pen.moveTo(...from);
      pen.lineTo(...to);
      pen.stroke();
      pen.beginPath();
      pen.arc(...to, 6, 0, 2 * Math.PI);
      pen.stroke();
    }
  };

  const outline = (pen, corners) => {
    if (corners.length < 4) return;
    pen.beginPath();
    for (let each = 0; each < corners.length; each += 2) pen.lineTo(corners[each], corners[each + 1]);
    pen.closePath();
    pen.globalAlpha = 0.12;
    pen.fill();
    pen.globalAlpha = 1;
    pen.setLineDash([5, 4]);
    pen.lineWidth = 1.5;
    pen.stroke();
    pen.setLineDash([]);
  };

  const now = () => {
    asked = 0;
    const { camera } = atlas;
    const map = atlas.map();
    const size = camera.size();
    const fine = Math.min(devicePixelRatio || 1, 2);
    if (canvas.width !== Math.round(size.width * fine) || canvas.height !== Math.round(size.height * fine)) {
      canvas.width = Math.round(size.width * fine);
      canvas.height = Math.round(size.height * fine);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(fine, 0, 0, fine, 0, 0);
    pen.clearRect(0, 0, size.width, size.height);
    if (!map) return;
    place(pen, camera, map);
    pen.strokeStyle = inked("--ink");
    pen.fillStyle = inked("--leaf");
    const { chosen } = atlas.state;
    if (chosen && chosen.lasso && chosen.map === atlas.state.map && !atlas.moving()) {
      outline(pen, chosen.lasso.flatMap((value, each) => (each % 2 ? [] : camera.toScreen(value, chosen.lasso[each + 1]))));
    }
    if (!atlas.moving()) {
      if (atlas.state.sheet >= 0) lines(pen, camera, map, atlas.state.sheet);
      ring(pen, camera, map, atlas.state.sheet, 3);
      ring(pen, camera, map, atlas.hovered, 1.5);
    }
    outline(pen, atlas.stroke);
  };

  /* Draw again at the next frame. */
  const draw = () => {
    asked ||= requestAnimationFrame(now);
  };

  const hit = (left, top) => {
    const found = drawn.findLast((each) => left >= each.left && left <= each.left + each.wide
      && top >= each.top && top <= each.top + each.high);
    return found ? found.row : -1;
  };

  const begin = async () => {
    numbers = (await Atlas.load("thumbnails")).numbers;
    draw();
  };

  return { draw, picture, hit, begin, count: () => drawn.length };
};
