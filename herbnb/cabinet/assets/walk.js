/* Walk: the sheets in filing order, to print and to take along, with boxes to tick. */
"use strict";
herbnb.walk = (() => {
  const { made, byId, numberOf, pictured, weights } = herbnb;
  const { sheets, run, collection } = herbnb.review;
  const COLUMNS = ["Sheet", "Number and name", "Why", "Found"];

  const boxes = (decision) => {
    if (decision) return [`${herbnb.keeping.said(decision)} (${decision.decided_by})`];
    const box = (word) => made("span", { className: "tick" }, made("span", { className: "box", "aria-hidden": "true" }), word);
    return [box("right"), box("unsure"), box("wrong: it is"), made("span", { className: "line", "aria-hidden": "true" })];
  };

  const row = (asked) => {
    const { id, suggested, reason } = asked;
    const { name, facts, fault, picture } = sheets[id];
    const more = [...weights(asked), facts.type, facts.collected, facts["other numbers"]].filter(Boolean);
    return made("tr", {},
      made("td", {}, picture ? pictured(id, picture, { loading: "lazy" }) : `No picture: ${fault}.`),
      made("th", { scope: "row" }, made("strong", {}, numberOf(id)), made("br"), made("i", {}, name), ...more.map((each) => made("span", { className: "role" }, each))),
      made("td", { className: "why" }, suggested ? made("strong", {}, `${suggested}? `) : "", reason),
      made("td", {}, boxes(herbnb.keeping.decision(id))));
  };

  const table = (family, genus, members) =>
    made("table", {},
      made("caption", {}, `${family}: `, made("i", {}, genus), `, ${members.length} to look at`),
      made("thead", {}, made("tr", {}, COLUMNS.map((column) => made("th", { scope: "col" }, column)))),
      made("tbody", {}, members.map(row)));

  const print = async () => {
    const pictures = [...byId("walk").querySelectorAll("img")];
    pictures.forEach((each) => { each.loading = "eager"; });
    await Promise.allSettled(pictures.map((each) => each.decode()));
    window.print();
  };

  /* Build the list of the sheets given, in filing order. */
  const build = (shown, filters) => {
    const folders = new Map();
    for (const asked of herbnb.order.filed(shown)) {
      const { family, genus } = sheets[asked.id];
      const key = `${family}\n${genus}`;
      if (!folders.has(key)) folders.set(key, []);
      folders.get(key).push(asked);
    }
    const button = made("button", { type: "button", onclick: print }, "Print");
    byId("walk").replaceChildren(
      made("h2", { tabIndex: -1 }, `Walk list: ${collection}`),
      made("p", {}, `${shown.length} sheets${filters}, in filing order. List of ${run.date}, by the features of ${run.network}.`),
      made("p", { className: "screen" }, button),
      ...[...folders].map(([key, members]) => {
        const [family, genus] = key.split("\n");
        const scrolls = { className: "folder", role: "region", tabIndex: 0, "aria-label": `${family}: ${genus}` };
        return made("div", scrolls, table(family, genus, members));
      }));
  };

  return { build };
})();
