/* The plate: all points, drawn by regl-scatterplot; the camera and the pointer are ours, so that fingers work. */
Atlas.plate = (canvas, sheets) => {
  "use strict";
  const ASIDE = 1e4; // where a sheet without a place on this map lies: far out of sight
  const CONTEXT = "#8d8779";
  const gl = document.createElement("canvas").getContext("webgl");
  if (!gl || !gl.getExtension("OES_texture_float")) return null;
  gl.getExtension("WEBGL_lose_context")?.loseContext();

  const LARGEST = 9; // px of a point, which grows a little as one comes closer
  const smallest = Math.max(1.4, Math.min(6.5, 1 + 270 / Math.sqrt(sheets)));
  let size = smallest;
  const plot = ReglScatterplot.default({
    canvas,
    width: "auto",
    height: "auto",
    pointSize: size,
    pointScaleMode: "constant",
    colorBy: "valueA",
    opacityBy: "valueB",
    opacity: sheets > 200_000 ? [0.05, 0.3, 0.55] : [0.16, 0.5, 0.85],
    // our own grid finds points, so the library's index, which it builds for every drawing, holds none
    spatialIndexUseWorker: false,
    backgroundColor: [0, 0, 0, 0],
    lassoOnLongPress: false,
    actionKeyMap: {},
  });
  const none = new ArrayBuffer(8);
  new Uint8Array(none).set([0xdb, (1 << 4) + 8, 16, 0]);
  const LEVELS = [0, 1, 2]; // context, without a colour of its own, coloured: each lies above those before
  const points = Array.from({ length: sheets }, () => [ASIDE, ASIDE, 0, 2]);
  const order = Uint32Array.from(points, (_, place) => place);
  let drawing = false;
  let wanted = null;

  const fill = ({ x, y, shade, lit, rest, sorted }) => {
    const level = (row) => (lit[row] ? 1 + Number(shade[row] !== rest) : 0);
    if (sorted) {
      let place = 0;
      for (const wantedLevel of LEVELS) {
        for (let row = 0; row < sheets; row += 1) {
          if (level(row) === wantedLevel) {
            order[place] = row;
            place += 1;
          }
        }
      }
    }
    for (let place = 0; place < sheets; place += 1) {
      const row = order[place];
      const point = points[place];
      const there = x[row] === x[row];
      point[0] = there ? x[row] : ASIDE;
      point[1] = there ? y[row] : ASIDE;
      point[2] = lit[row] ? shade[row] : 0;
      point[3] = level(row);
    }
  };

  /* Draw the points: `x`, `y`, `shade` (its colour, from 1; `rest` is that
     of names without one of their own) and `lit` (0 or 1) a row. Resolves when they are
     there; with `morph` they move from where they were. A drawing that is asked for meanwhile follows. */
  const draw = async (content) => {
    wanted = content;
    if (drawing) return drawing;
    drawing = (async () => {
      while (wanted) {
        const { morph, colours, ...now } = wanted;
        wanted = null;
        if (colours) await plot.set({ pointColor: [CONTEXT, ...colours] });
        fill({ ...now, sorted: !morph });
        await plot.draw(points, {
          transition: Boolean(morph),
          transitionDuration: 1100,
          spatialIndex: none,
          zDataType: "categorical",
          wDataType: "categorical",
        });
      }
    })();
    await drawing;
    drawing = false;
    return undefined;
  };

  /* Look where the camera looks. */
  const look = (camera) => {
    const { width, height } = camera.size();
    const [x, y] = camera.toMap(width / 2, height / 2);
    const wanted = Math.min(LARGEST, smallest * Math.max(1, camera.view.zoom) ** 0.35);
    if (Math.abs(wanted - size) > 0.2) {
      size = wanted;
      plot.set({ pointSize: size });
    }
    plot.zoomToLocation([x, y], height / 2 / camera.scale(), { transition: false });
  };

  return { draw, look, plot };
};
