/* A grid over the map, in whose cells lie the rows of its sheets: what is near, what is in a box. */
Atlas.grid = (map) => {
  "use strict";
  const { x, y } = map;
  const side = Math.max(8, Math.min(1024, Math.ceil(Math.sqrt(x.length / 4))));
  const cell = (value) => Math.max(0, Math.min(side - 1, Math.floor(((value + 1) / 2) * side)));
  const starts = new Uint32Array(side * side + 1);
  for (let row = 0; row < x.length; row += 1) {
    if (x[row] === x[row]) starts[cell(y[row]) * side + cell(x[row]) + 1] += 1; // a sheet without a place is NaN
  }
  for (let place = 1; place < starts.length; place += 1) starts[place] += starts[place - 1];
  const rows = new Uint32Array(starts[side * side]);
  const next = starts.slice();
  for (let row = 0; row < x.length; row += 1) {
    if (x[row] === x[row]) {
      const place = cell(y[row]) * side + cell(x[row]);
      rows[next[place]] = row;
      next[place] += 1;
    }
  }

  /* Call `visit` with each row in a box. */
  const within = (left, bottom, right, top, visit) => {
    for (let down = cell(bottom); down <= cell(top); down += 1) {
      const first = starts[down * side + cell(left)];
      const last = starts[down * side + cell(right) + 1];
      for (let place = first; place < last; place += 1) {
        const row = rows[place];
        if (x[row] >= left && x[row] <= right && y[row] >= bottom && y[row] <= top) visit(row);
      }
    }
  };

  /* Return the row nearest to a place, no farther than `reach`, among those that `wanted` takes; else -1. */
  const nearest = (atX, atY, reach, wanted) => {
    let found = -1;
    let best = reach * reach;
    within(atX - reach, atY - reach, atX + reach, atY + reach, (row) => {
      const apart = (x[row] - atX) ** 2 + (y[row] - atY) ** 2;
      if (apart <= best && wanted(row)) {
        best = apart;
        found = row;
      }
    });
    return found;
  };

  /* Return the rows inside a polygon [x, y, x, y, …]. */
  const inside = (corners) => {
    const xs = corners.filter((_, place) => place % 2 === 0);
    const ys = corners.filter((_, place) => place % 2 === 1);
    const found = [];
    within(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys), (row) => {
      let odd = false;
      for (let a = 0, b = xs.length - 1; a < xs.length; b = a, a += 1) {
        if (ys[a] > y[row] !== ys[b] > y[row]
          && x[row] < ((xs[b] - xs[a]) * (y[row] - ys[a])) / (ys[b] - ys[a]) + xs[a]) odd = !odd;
      }
      if (odd) found.push(row);
    });
    return found;
  };

  return { within, nearest, inside };
};
