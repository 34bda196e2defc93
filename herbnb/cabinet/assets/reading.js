/* Reading: how far down the list a person should read, from what the labels say and from what she found. */
"use strict";
herbnb.reading = (() => {
  const { made, byId, keeping, order } = herbnb;
  const { coverage, listed, run } = herbnb.review;
  const STEP = 20; // sheets of the list that are counted together
  const MOST = 10; // such parts that are told
  const WIDE = 340;
  const HIGH = 190;
  const EDGE = { left: 44, right: 8, top: 8, bottom: 34 };
  const SVG = "http://www.w3.org/2000/svg";
  const percent = (share) => `${Math.round(100 * share)} %`;

  const drawn = (tag, attributes, ...children) => {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  const across = (share) => EDGE.left + share * (WIDE - EDGE.left - EDGE.right);
  const down = (share) => HIGH - EDGE.bottom - share * (HIGH - EDGE.top - EDGE.bottom);
  const line = (points) => points.map(([share, right]) => `${across(share).toFixed(1)},${down(right).toFixed(1)}`).join(" ");

  /* The share of right names among the surest, with its interval. */
  const curve = () => {
    const halves = [0, 0.5, 1];
    const rules = halves.map((each) => drawn("line", { class: "rule", x1: across(0), x2: across(1), y1: down(each), y2: down(each) }));
    const beside = halves.map((each) => drawn("text", { x: EDGE.left - 6, y: down(each) + 4, "text-anchor": "end" }, percent(each)));
    const below = halves.map((each) => drawn("text", { x: across(each), y: HIGH - 18, "text-anchor": each === 1 ? "end" : "middle" }, percent(each)));
    const lows = coverage.map(({ share, low }) => [share, low]);
    const highs = coverage.map(({ share, high }) => [share, high]);
    const label = "Share of right names among the surest, by how many are named: the table below has the numbers";
    return drawn("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": label },
      ...rules, ...beside, ...below,
      drawn("polygon", { class: "band", points: line([...highs, ...lows.reverse()]) }),
      drawn("polyline", { class: "curve", points: line(coverage.map(({ share, right }) => [share, right])) }),
      drawn("text", { x: across(0.5), y: HIGH - 2, "text-anchor": "middle" }, "of the sheets named, the surest first"));
  };

  const table = (caption, heads, rows) =>
    made("table", {},
      made("caption", {}, caption),
      made("thead", {}, made("tr", {}, heads.map((head) => made("th", { scope: "col" }, head)))),
      made("tbody", {}, rows.map(([first, ...others]) =>
        made("tr", {}, made("th", { scope: "row" }, first), others.map((each) => made("td", {}, each))))));

  const byLabels = () => {
    if (!coverage.length) return [made("p", {}, "No regression could be asked: too few genera have enough gatherings.")];
    const rows = coverage.map(({ share, sheets, right, low, high }) =>
      [percent(share), String(sheets), percent(right), `${percent(low)} to ${percent(high)}`]);
    return [
      made("p", {}, `Let the regression on the features of ${run.network} name only the sheets of which it is surest. `
        + "How often does it agree with the label? Where that is high, a doubt of it deserves a walk; where it is low, "
        + "its doubts are worth as little as its names."),
      curve(),
      table("Agreement with the labels", ["named", "sheets", "right", "interval, 95 %"], rows),
    ];
  };

  /* Of the doubted sheets, most suspect first: how many are decided, and how many of these names were wrong. */
  const found = () => {
    const doubted = listed.filter(({ suspicion }) => suspicion !== null)
      .sort((one, other) => other.suspicion - one.suspicion);
    const parts = [];
    for (let start = 0; start < doubted.length; start += STEP) {
      const part = doubted.slice(start, start + STEP);
      const verdicts = part.map(({ id }) => keeping.decision(id)).filter(Boolean).map(({ verdict }) => verdict);
      const judged = verdicts.filter((verdict) => verdict === "right" || verdict === "wrong");
      const wrong = judged.filter((verdict) => verdict === "wrong").length;
      const name = part.length > 1 ? `${start + 1} to ${start + part.length}` : String(start + 1);
      parts.push({ decided: verdicts.length, row: [name, String(verdicts.length), String(judged.length), String(wrong)] });
    }
    const last = parts.findLastIndex(({ decided }) => decided > 0);
    if (last < 0) return [made("p", {}, "Nothing is decided yet. When you have gone some way down the list, the share of wrong names will say whether to go on.")];
    const shown = parts.slice(Math.max(0, last + 1 - MOST), last + 1);
    return [table("Of the doubted sheets, most suspect first", ["place", "decided", "right or wrong", "wrong"], shown.map(({ row }) => row)),
      made("p", {}, "The list goes down in suspicion: below a part with hardly a wrong name there will hardly be more.")];
  };

  const open = () => {
    byId("labels").replaceChildren(...byLabels());
    byId("found").replaceChildren(...found());
    byId("reading").showModal();
  };

  return { open };
})();
