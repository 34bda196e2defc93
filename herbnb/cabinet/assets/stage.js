/* Stage: a sheet as large as the page allows, its duplicates under other names beside it, and the nearest. */
"use strict";
herbnb.stage = (() => {
  const { made, byId, numberOf, pictured, weights } = herbnb;
  const { sheets, listed } = herbnb.review;
  const asked = new Map(listed.map((each) => [each.id, each]));
  const AT_ONCE = 3; // duplicates that stand beside the sheet

  const caption = (id, role) => {
    const { name, institution, link, determined } = sheets[id];
    const record = link ? made("a", { href: link, rel: "noreferrer", target: "_blank" }, "record (opens a tab)") : null;
    return made("figcaption", {},
      made("strong", {}, made("i", {}, name)), ` ${numberOf(id)}, ${institution}`,
      role ? made("span", { className: "role" }, role) : null,
      determined ? made("span", { className: "role" }, `determined ${determined}`) : null, record);
  };

  const enlarge = (button, event) => {
    const large = button.getAttribute("aria-pressed") !== "true";
    const { left, top, width, height } = button.firstChild.getBoundingClientRect();
    button.setAttribute("aria-pressed", String(large));
    const pointed = event && event.detail > 0; // by a pointer, not by a key
    const x = pointed ? (event.clientX - left) / width : 0.5;
    const y = pointed ? (event.clientY - top) / height : 0.5;
    button.scrollLeft = x * button.scrollWidth - button.clientWidth / 2;
    button.scrollTop = y * button.scrollHeight - button.clientHeight / 2;
  };

  const judge = (id, go) => made("button", { type: "button", className: "go", onclick: () => go(id) }, `Judge ${numberOf(id)}`);

  const large = (id, role, after = null) => {
    const picture = pictured(id, asked.get(id).picture);
    if (picture.tagName !== "IMG") return made("figure", {}, picture, caption(id, role), after);
    const label = `Enlarge sheet ${numberOf(id)}, named ${sheets[id].name}`;
    const button = made("button", { type: "button", className: "zoom", "aria-pressed": "false", "aria-label": label }, picture);
    button.addEventListener("click", (event) => enlarge(button, event));
    return made("figure", {}, button, caption(id, role), after);
  };

  const small = (id, go) => {
    const picture = pictured(id, sheets[id].picture, { loading: "lazy" });
    return made("figure", {}, picture, caption(id), asked.has(id) ? judge(id, go) : null);
  };

  const titled = (heading, figures) =>
    figures.length ? [made("h3", {}, heading), made("div", { className: "row" }, figures)] : [];

  const show = (id, go) => {
    const { duplicates, split, neighbours, reason, suggested, judged_by, as_far } = asked.get(id);
    const sheet = sheets[id];
    const beside = split ? duplicates.filter((each) => asked.has(each)).slice(0, AT_ONCE) : [];
    const flags = [...(split ? ["its duplicates bear different names"] : []), ...weights(asked.get(id))];
    byId("title").replaceChildren(numberOf(id),
      ...flags.map((flag) => made("span", { className: "flag" }, flag)));
    byId("stage").replaceChildren(large(id, beside.length ? "the sheet asked about" : ""),
      ...beside.map((each) => large(each, "a duplicate of it", judge(each, go))));
    byId("stage").dataset.sheets = String(1 + beside.length);
    byId("question").replaceChildren("Is it ", made("i", {}, sheet.name), "?");
    byId("reason").replaceChildren(`${reason[0].toUpperCase()}${reason.slice(1)}.`);
    const told = {
      determined: sheet.determined || "the table does not say by whom",
      "earlier determinations": sheet.earlier,
      ...sheet.facts,
      family: sheet.family,
      ...(suggested ? { suggested } : {}),
      ...(as_far ? { "sure of": as_far } : {}),
      "judged by": judged_by,
      ...(sheet.gathering && duplicates.length ? { gathering: sheet.gathering.replaceAll("|", ", ") } : {}),
    };
    const known = Object.entries(told).filter(([, words]) => words.length);
    byId("facts").replaceChildren(...known.flatMap(([term, words]) =>
      [made("dt", {}, term), ...[words].flat().map((line) => made("dd", {}, line))]));
    const others = duplicates.filter((each) => !beside.includes(each));
    byId("neighbours").replaceChildren(
      ...titled("Duplicates of its gathering", others.map((each) => small(each, go))),
      ...titled("The nearest sheets, nearest first", neighbours.map((each) => small(each, go))),
    );
    byId("neighbours").parentElement.hidden = !byId("neighbours").firstChild;
  };

  return { show, asked, zoom: () => enlarge(document.querySelector("#stage .zoom")) };
})();
