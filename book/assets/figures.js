/* Draws the figures of a page: panels in as many columns as fit, the theme, thumbnails, switches of views. */
(() => {
  "use strict";
  const root = document.documentElement;
  const FOOT = 34; // px between two rows of panels, for tick labels
  const HEAD = 26; // px over a panel, for its heading
  const PAPER = 640; // px across a printed page

  const colours = () => {
    const dark = root.dataset.theme === "dark";
    return dark
      ? { ink: "#d9d4c8", rule: "rgba(217, 212, 200, 0.18)", paper: "#2a2f2b" }
      : { ink: "#3d3a33", rule: "rgba(61, 58, 51, 0.14)", paper: "#fffdf7" };
  };

  const axes = (layout, letter) =>
    Object.keys(layout)
      .filter((key) => new RegExp(`^${letter}axis\\d*$`).test(key))
      .sort((a, b) => (Number(a.slice(5)) || 1) - (Number(b.slice(5)) || 1))
      .map((key) => layout[key]);

  /* Set the panels in columns for a figure `width` px wide; return the height of all panels in px. */
  const arrange = (layout, width, titles) => {
    const { panels, panel_height, shared, least } = layout.meta;
    const across = Math.max(1, Math.min(panels, layout.meta.columns, Math.floor(width / least)));
    const down = Math.ceil(panels / across);
    layout.margin = { ...layout.margin, t: 8 };
    const head = layout.annotations && layout.annotations.some((note) => note.name === "panel") ? HEAD : 0;
    const gap = across > 1 ? (shared ? 22 : 56) / width : 0;
    const wide = (1 - gap * (across - 1)) / across;
    const high = layout.meta.square ? Math.min(panel_height, 1.05 * wide * width) : panel_height;
    const total = down * (high + head) + (down - 1) * (titles.ticks ? FOOT : 8);
    const xs = axes(layout, "x");
    const ys = axes(layout, "y");
    const headings = (layout.annotations || []).filter((note) => note.name === "panel");
    for (let place = 0; place < panels; place += 1) {
      const column = place % across;
      const row = Math.floor(place / across);
      const left = column * (wide + gap);
      const top = (row * (high + head + (titles.ticks ? FOOT : 8)) + head) / total;
      xs[place].domain = [left, Math.min(1, left + wide)];
      ys[place].domain = [Math.max(0, 1 - top - high / total), 1 - top];
      const lowest = place + across >= panels;
      if (!xs[place].title) xs[place].title = {};
      xs[place].title.text = lowest ? titles.x[place] : "";
      if (shared && panels > 1 && titles.ticks) ys[place].showticklabels = column === 0;
      if (shared && panels > 1) {
        if (!ys[place].title) ys[place].title = {};
        ys[place].title.text = column === 0 ? titles.y[place] : "";
      }
      if (headings[place]) {
        Object.assign(headings[place], { x: left, xanchor: "left", y: 1 - top, yanchor: "bottom" });
      }
    }
    layout.legend = { ...layout.legend, y: -(titles.x.some(Boolean) ? 58 : titles.ticks ? 38 : 14) / total };
    return total;
  };

  const wrapped = (text) =>
    text.split(" ").reduce((lines, word) => {
      const last = lines[lines.length - 1];
      if (last !== undefined && last.length + word.length < 20) lines[lines.length - 1] = `${last} ${word}`;
      else lines.push(word);
      return lines;
    }, []).join("<br>");

  /* Break long names of rows where the figure is narrow, so that they leave room for what they name. */
  const fold = (layout, data, width) => {
    axes(layout, "y").forEach((axis, place) => {
      const own = `y${place ? place + 1 : ""}`;
      if (!axis.names) {
        const rows = data.filter((trace) => (trace.yaxis || "y") === own && Array.isArray(trace.y));
        const texts = [...new Set(rows.flatMap((trace) => trace.y))];
        axis.names = axis.ticktext || (texts.every((text) => typeof text === "string") ? texts : []);
        axis.places = axis.tickvals || axis.names;
      }
      if (!axis.names.some((name) => name.length > 20)) return;
      axis.tickvals = axis.places;
      axis.ticktext = width < 520 ? axis.names.map(wrapped) : axis.names;
      axis.tickfont = { size: width < 520 ? 11 : 13 };
    });
  };

  const paint = (layout) => {
    const { ink, rule, paper } = colours();
    layout.font = { ...layout.font, color: ink };
    layout.hoverlabel = { ...layout.hoverlabel, bgcolor: paper, bordercolor: rule, font: { color: ink } };
    layout.modebar = { bgcolor: "rgba(0,0,0,0)", color: rule, activecolor: ink };
    for (const axis of [...axes(layout, "x"), ...axes(layout, "y")]) {
      Object.assign(axis, { gridcolor: rule, zerolinecolor: rule, linecolor: rule });
    }
  };

  const showThumbnails = (frame, plot, sprite) => {
    const thumb = document.createElement("div");
    const zoom = 2;
    thumb.className = "herbnb-thumbnail";
    thumb.hidden = true;
    thumb.setAttribute("aria-hidden", "true");
    Object.assign(thumb.style, {
      width: `${zoom * sprite.width}px`,
      height: `${zoom * sprite.height}px`,
      backgroundImage: `url(${sprite.address})`,
      backgroundSize: `${zoom * sprite.width * sprite.across}px auto`,
    });
    frame.append(thumb);
    plot.on("plotly_hover", ({ points, event }) => {
      const place = points[0].customdata ? points[0].customdata[0] : -1;
      thumb.hidden = place < 0;
      if (place < 0) return;
      const column = place % sprite.across;
      const row = Math.floor(place / sprite.across);
      thumb.style.backgroundPosition = `-${zoom * sprite.width * column}px -${zoom * sprite.height * row}px`;
      const box = plot.getBoundingClientRect();
      const right = event.clientX - box.left < box.width / 2; // the side away from the pointer
      thumb.style.left = right ? "auto" : "0";
      thumb.style.right = right ? "0" : "auto";
    });
    plot.on("plotly_unhover", () => {
      thumb.hidden = true;
    });
  };

  /* Above a map of several views, set a switch that changes from one to the next. */
  const addSwitch = (frame, plot, name, views, change) => {
    const choice = document.createElement("fieldset");
    choice.className = "herbnb-views";
    const legend = document.createElement("legend");
    legend.innerHTML = name; // names come escaped, for plotly reads tags
    choice.append(legend);
    views.forEach((view, place) => {
      const label = document.createElement("label");
      label.innerHTML = `<input type="radio" name="${plot.id}-view"><span>${view.name}</span>`;
      label.firstChild.checked = place === 0;
      label.firstChild.addEventListener("change", () => change(view));
      choice.append(label);
    });
    frame.prepend(choice);
  };

  const draw = async (frame) => {
    const plot = frame.querySelector(".herbnb-plot");
    const figure = JSON.parse(frame.querySelector("script[type='application/json']").textContent);
    const { data, layout, frames = [] } = figure;
    delete layout.updatemenus; // plotly's own buttons, which no key reaches
    const config = { ...figure.config, responsive: false }; // sizes are set below
    const text = (axis) => (axis.title && axis.title.text) || "";
    const titles = {
      x: axes(layout, "x").map(text),
      y: axes(layout, "y").map(text),
      ticks: axes(layout, "x").some((axis) => axis.showticklabels !== false),
    };
    let width = 0;
    const render = async () => {
      width = "printing" in root.dataset ? Math.min(frame.clientWidth, PAPER) : frame.clientWidth;
      const total = arrange(layout, width, titles);
      fold(layout, data, width);
      if (layout.meta.square) data.forEach((trace) => (trace.marker.size = width < 520 ? 5 : 7));
      paint(layout);
      layout.width = width;
      layout.height = Math.round(layout.height || total + 90);
      await Plotly.react(plot, data, layout, config);
      const missing = Math.round(total - plot._fullLayout._size.h); // what margins and legend took
      if (Math.abs(missing) > 3) {
        layout.height += missing;
        await Plotly.react(plot, data, layout, config);
      }
      plot.style.minHeight = `${layout.height}px`;
      frame.dataset.drawn = root.dataset.theme || "light";
    };
    if (frame.clientWidth) await render(); // else it is folded away, and drawn when it opens
    if (frames.length) {
      addSwitch(frame, plot, layout.meta.views, frames, async (view) => {
        data.forEach((trace, place) => Object.assign(trace, { x: view.data[place].x, y: view.data[place].y }));
        const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
        layout.transition = { duration: still ? 0 : 700, easing: "cubic-in-out" }; // the eye follows a sheet
        await render();
        delete layout.transition;
      });
    }
    if (layout.meta.sprite) showThumbnails(frame, plot, layout.meta.sprite);
    new MutationObserver(render).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
    let waiting = 0;
    new ResizeObserver(() => {
      clearTimeout(waiting);
      waiting = setTimeout(() => frame.clientWidth && frame.clientWidth !== width && render(), 80);
    }).observe(frame);
  };

  document.querySelectorAll("figure.herbnb-figure").forEach(draw);
})();
