/* Hands on the map: drag, wheel, pinch, tap, a lasso or a box, and the keys that do the same. */
Atlas.pointer = (stage, atlas, does) => {
  "use strict";
  const SLIP = 5; // px that a tap may move
  const STEP = 80; // px that an arrow key moves
  const { camera } = atlas;
  const down = new Map();
  let begun = null;

  const at = (event) => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  const boxed = ({ x, y }, to) => [x, y, to.x, y, to.x, to.y, x, to.y];

  stage.addEventListener("pointerdown", (event) => {
    if (event.button > 0) return;
    stage.setPointerCapture(event.pointerId);
    camera.stop();
    down.set(event.pointerId, at(event));
    if (down.size > 1) {
      begun = null;
      atlas.stroke = [];
      return;
    }
    const tool = event.shiftKey ? "lasso" : does.tool();
    begun = { ...at(event), tool, view: { ...camera.view }, moved: false };
  });

  stage.addEventListener("pointermove", (event) => {
    const now = at(event);
    if (!down.has(event.pointerId)) {
      if (event.pointerType === "mouse") does.point(now.x, now.y);
      return;
    }
    const before = down.get(event.pointerId);
    if (down.size === 2) {
      const other = [...down].find(([id]) => id !== event.pointerId)[1];
      const spread = (a, b) => Math.max(20, Math.hypot(a.x - b.x, a.y - b.y));
      const k = camera.scale();
      camera.set({ x: camera.view.x - (now.x - before.x) / 2 / k, y: camera.view.y + (now.y - before.y) / 2 / k });
      camera.zoomAt(spread(now, other) / spread(before, other), (now.x + other.x) / 2, (now.y + other.y) / 2);
    } else if (begun) {
      begun.moved ||= Math.hypot(now.x - begun.x, now.y - begun.y) > SLIP;
      if (begun.moved) {
        does.point(null);
        if (begun.tool === "move") {
          const k = camera.scale();
          camera.set({ x: begun.view.x - (now.x - begun.x) / k, y: begun.view.y + (now.y - begun.y) / k });
        } else {
          if (begun.tool === "box") atlas.stroke = boxed(begun, now);
          else if (!atlas.stroke.length) atlas.stroke = [begun.x, begun.y, now.x, now.y];
          else if (Math.hypot(now.x - atlas.stroke.at(-2), now.y - atlas.stroke.at(-1)) > 10) atlas.stroke.push(now.x, now.y);
          atlas.pictures.draw();
        }
      }
    }
    down.set(event.pointerId, now);
  });

  const lift = (event) => {
    if (!down.delete(event.pointerId)) return;
    const ended = begun;
    begun = null;
    const { stroke } = atlas;
    atlas.stroke = [];
    if (!ended || event.type === "pointercancel") return;
    if (!ended.moved) does.tap(ended.x, ended.y);
    else if (stroke.length >= 6) {
      does.around(stroke.flatMap((value, each) => (each % 2 ? [] : camera.toMap(value, stroke[each + 1]))));
    }
  };
  stage.addEventListener("pointerup", lift);
  stage.addEventListener("pointercancel", lift);
  stage.addEventListener("pointerleave", () => does.point(null));

  const keys = {
    ArrowLeft: () => camera.set({ x: camera.view.x - STEP / camera.scale() }),
    ArrowRight: () => camera.set({ x: camera.view.x + STEP / camera.scale() }),
    ArrowUp: () => camera.set({ y: camera.view.y + STEP / camera.scale() }),
    ArrowDown: () => camera.set({ y: camera.view.y - STEP / camera.scale() }),
    "+": () => camera.zoomAt(1.3, camera.middle().x, camera.middle().y),
    "=": () => keys["+"](),
    "-": () => camera.zoomAt(1 / 1.3, camera.middle().x, camera.middle().y),
    0: does.home,
    Enter: does.middle,
    t: does.list,
  };
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target !== document.getElementById("search")) does.clear();
  });
};
