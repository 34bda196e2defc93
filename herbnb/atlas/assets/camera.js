/* Where one looks: the middle of the view on the map and how close, moved by pointer, wheel, fingers and keys. */
Atlas.camera = (stage, told) => {
  "use strict";
  const CLOSEST = 4000; // px a unit of the map for each px of the stage's side
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const view = { x: 0, y: 0, zoom: 1 };
  let flight = 0;

  const size = () => ({ width: stage.clientWidth, height: stage.clientHeight });
  const box = (id) => document.getElementById(id).getBoundingClientRect();
  /* What always lies over the stage leaves this part of it free. */
  const free = () => {
    const { width, height } = size();
    const desk = box("desk");
    return width > 720 ? { left: desk.right, right: width, top: 0, bottom: height }
      : { left: 0, right: width, top: Math.min(desk.bottom, height / 3), bottom: height - 60 };
  };
  /* And this part is free of labels and lists as well. */
  const seen = () => {
    const room = free();
    const label = box("label");
    const list = box("list");
    if (label.width && size().width > 720) room.right = label.left;
    else if (label.width) room.bottom = label.top;
    if (list.height) room.bottom = Math.min(room.bottom, list.top);
    return room;
  };
  /* Pixels a unit of the map. */
  const scale = () => {
    const room = free();
    return (view.zoom * Math.min(room.right - room.left, room.bottom - room.top) * 0.92) / 2;
  };
  /* The map is centred in what is free. */
  const middle = () => {
    const room = free();
    return { x: (room.left + room.right) / 2, y: (room.top + room.bottom) / 2 };
  };
  const toScreen = (x, y) => {
    const k = scale();
    const centre = middle();
    return [centre.x + (x - view.x) * k, centre.y - (y - view.y) * k];
  };
  const toMap = (left, top) => {
    const k = scale();
    const centre = middle();
    return [view.x + (left - centre.x) / k, view.y - (top - centre.y) / k];
  };
  const clamp = (zoom) => Math.max(0.4, Math.min(CLOSEST, zoom));
  const set = ({ x = view.x, y = view.y, zoom = view.zoom }) => {
    Object.assign(view, { x: Math.max(-1.5, Math.min(1.5, x)), y: Math.max(-1.5, Math.min(1.5, y)), zoom: clamp(zoom) });
    told();
  };

  /* Zoom by a factor, around a place of the stage that stays where it is. */
  const zoomAt = (factor, left, top) => {
    const [x, y] = toMap(left, top);
    view.zoom = clamp(view.zoom * factor);
    const [nowX, nowY] = toMap(left, top);
    set({ x: view.x + x - nowX, y: view.y + y - nowY });
  };

  /* Fly to a place: out and in again when it is far. Resolves on arrival. */
  const fly = (goal, seconds = 0.9) => new Promise((arrived) => {
    cancelAnimationFrame(flight);
    const from = { ...view };
    if (still.matches || document.hidden) {
      set(goal);
      arrived();
      return;
    }
    const away = Math.hypot(goal.x - from.x, goal.y - from.y);
    const begun = performance.now();
    const dip = Math.min(from.zoom, goal.zoom, 1.6 / Math.max(away, 0.01));
    const frame = (now) => {
      const t = Math.min(1, (now - begun) / (1000 * seconds));
      const s = t * t * (3 - 2 * t);
      const straight = from.zoom ** (1 - s) * goal.zoom ** s;
      const sag = (dip / Math.min(from.zoom, goal.zoom)) ** Math.sin(Math.PI * s);
      const zoom = straight * sag;
      // on the way the place moves as much as is seen of it, so that a close view does not rush
      const moved = from.zoom === goal.zoom ? s : (1 / from.zoom - 1 / straight) / (1 / from.zoom - 1 / goal.zoom);
      if (t < 1) {
        set({ x: from.x + (goal.x - from.x) * moved, y: from.y + (goal.y - from.y) * moved, zoom });
        flight = requestAnimationFrame(frame);
      } else {
        set(goal);
        arrived();
      }
    };
    flight = requestAnimationFrame(frame);
  });

  /* Fly so that a box of the map is in the middle of what is free, no closer than `closest`. */
  const flyTo = (left, bottom, right, top, closest = 12) => {
    const k = scale() / view.zoom;
    const room = seen();
    const wide = (0.8 * (room.right - room.left)) / Math.max(right - left, 1e-9);
    const high = (0.8 * (room.bottom - room.top)) / Math.max(top - bottom, 1e-9);
    const zoom = clamp(Math.min(closest, wide / k, high / k));
    const centre = middle();
    return fly({
      x: (left + right) / 2 + (centre.x - (room.left + room.right) / 2) / (k * zoom),
      y: (bottom + top) / 2 - (centre.y - (room.top + room.bottom) / 2) / (k * zoom),
      zoom,
    });
  };
  const covered = (left, top) => {
    const room = seen();
    const [x, y] = toScreen(left, top);
    return x < room.left || x > room.right || y < room.top || y > room.bottom;
  };

  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    cancelAnimationFrame(flight);
    const lines = event.deltaMode === 1 ? 16 : 1;
    zoomAt(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0016)), event.offsetX, event.offsetY);
  }, { passive: false });

  const stop = () => cancelAnimationFrame(flight);
  return { view, set, fly, flyTo, covered, zoomAt, toScreen, toMap, scale, middle, size, stop };
};
