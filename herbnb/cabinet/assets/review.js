/* Review: a person goes through the list, sheet by sheet, and decides. */
"use strict";
(() => {
  const { made, byId, numberOf, keeping, order, stage, walk, reading } = herbnb;
  const { collection, sheets, longest } = herbnb.review;
  const FILTERS = ["order", "family", "genus", "judged"];
  const MOST = 30; // names offered at once
  const PART = 200; // sheets listed at once
  let shown = []; // the sheets that pass the filters, in order
  let first = 0; // where the part of them that the list shows begins
  let at = ""; // the sheet asked about

  const say = (words) => byId("said").replaceChildren(words);

  const tell = (...sentences) => {
    byId("message").replaceChildren(...sentences.map((each) => made("p", {}, each)));
    byId("messages").hidden = false;
  };

  /* The list and the count */
  const words = ({ id, suspicion, judged_by }) => {
    const decision = keeping.decision(id);
    if (decision) return keeping.said(decision);
    const doubt = suspicion === null ? judged_by : `${suspicion.toFixed(2)}, ${judged_by}`;
    return keeping.draft(id) ? `${doubt}, begun` : doubt;
  };

  const rows = new Map();
  const mark = (id) => {
    const button = rows.get(id);
    if (!button) return;
    button.lastChild.textContent = words(stage.asked.get(id));
    button.classList.toggle("done", Boolean(keeping.decision(id)));
  };

  const count = () => {
    const decided = keeping.decided();
    byId("progress").max = herbnb.review.listed.length;
    byId("progress").value = decided;
    const unsaved = keeping.unsaved();
    byId("tally").textContent = `${decided} of ${herbnb.review.listed.length} decided`
      + (unsaved ? `, ${unsaved} not yet in a file` : "");
    byId("person").textContent = keeping.setting("person") || "Who decides?";
    if (keeping.forgetful()) tell("This browser keeps nothing for a page from the disk: save to a file before you close it.");
  };

  const chosen = () => ({
    ...Object.fromEntries(FILTERS.map((name) => [name, byId(name).value])),
    undecided: byId("undecided").checked,
  });

  /* Show the part of the list that begins at a place: a list of thousands would take seconds to lay out. */
  const part = (start) => {
    first = Math.max(0, Math.min(start, shown.length - 1));
    rows.clear();
    for (const asked of shown.slice(first, first + PART)) {
      const split = asked.split ? made("span", { className: "flag" }, "duplicates differ") : null;
      const button = made("button", { type: "button", onclick: () => go(asked.id) },
        made("i", {}, sheets[asked.id].name), made("span", {}, numberOf(asked.id)), split, made("span", { className: "state" }));
      rows.set(asked.id, button);
      mark(asked.id);
    }
    byId("list").replaceChildren(...[...rows.values()].map((button) => made("li", {}, button)));
    byId("list").start = first + 1;
    const last = Math.min(first + PART, shown.length);
    const whole = shown.length <= PART;
    const all = shown.length === 1 ? "1 sheet" : `${shown.length} sheets`;
    byId("counted").textContent = whole ? all : `${first + 1} to ${last} of ${all}`;
    byId("earlier").parentElement.hidden = whole;
    byId("earlier").disabled = first === 0;
    byId("later").disabled = last === shown.length;
    if (rows.has(at)) rows.get(at).setAttribute("aria-current", "true");
  };

  /* Go to the part of the list where a sheet is. */
  const turnTo = (id) => {
    const place = shown.findIndex((each) => each.id === id);
    part(PART * Math.floor(Math.max(0, place) / PART));
  };

  const list = () => {
    shown = order.shown(chosen());
    turnTo(at);
  };

  /* One sheet */
  const open = (verdict) => {
    byId("another").hidden = verdict !== "wrong";
    document.querySelectorAll("[data-verdict]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.verdict === verdict));
    });
  };

  const fields = () => Object.fromEntries(["name", "qualifier", "remarks"].map((each) => [each, byId(each).value]));

  const show = (id) => {
    if (rows.has(at)) rows.get(at).removeAttribute("aria-current");
    at = id;
    keeping.set("at", id);
    if (!rows.has(id) && shown.some((each) => each.id === id)) turnTo(id);
    if (rows.has(id)) {
      rows.get(id).setAttribute("aria-current", "true");
      const [row, box] = [rows.get(id).getBoundingClientRect(), byId("list").getBoundingClientRect()];
      if (row.top < box.top || row.bottom > box.bottom) byId("list").scrollTop += row.top - box.top - box.height / 3;
    }
    stage.show(id, go);
    const decision = keeping.decision(id);
    const draft = keeping.draft(id);
    for (const [name, value] of Object.entries({ name: "", qualifier: "", remarks: "", ...decision, ...draft })) {
      if (["name", "qualifier", "remarks"].includes(name)) byId(name).value = value;
    }
    open(draft && (draft.name || draft.qualifier) ? "wrong" : decision ? decision.verdict : "");
    byId("decided").hidden = !decision;
    if (decision) {
      const day = decision.decided_on.slice(0, 10);
      byId("decided").firstChild.textContent = `Decided: ${keeping.said(decision)}, by ${decision.decided_by}, ${day}.`;
    }
    offer();
  };

  const go = (id) => {
    show(id);
    byId("question").focus({ preventScroll: window.innerWidth > 800 });
    if (window.innerWidth <= 800) byId("title").scrollIntoView();
  };

  const step = (by) => {
    const place = shown.findIndex(({ id }) => id === at) + by;
    if (place >= 0 && place < shown.length) go(shown[place].id);
    else say(by > 0 ? "This is the last sheet." : "This is the first sheet.");
  };

  /* The next sheet without a decision: below this one, or else from the top. */
  const following = () => {
    const place = shown.findIndex(({ id }) => id === at);
    const turned = [...shown.slice(place + 1), ...shown.slice(0, Math.max(0, place))];
    return turned.find(({ id }) => !keeping.decision(id));
  };

  const decide = (verdict) => {
    if (!keeping.setting("person")) return ask(() => decide(verdict));
    const [id, next] = [at, following()];
    keeping.decide(id, verdict, fields());
    mark(id);
    if (byId("undecided").checked) list();
    count();
    if (next) go(next.id);
    else show(id);
    say(`${numberOf(id)}: ${keeping.said(keeping.decision(id))}. ${next ? "" : "No sheet here is left undecided."}`);
    return undefined;
  };

  const wrong = () => {
    open("wrong");
    byId("name").focus();
  };

  const takeBack = () => {
    if (!keeping.decision(at)) return;
    keeping.write(at, fields());
    keeping.takeBack(at);
    list();
    show(at);
    count();
    say(`${numberOf(at)}: taken back.`);
  };

  /* Names that complete what is typed; what the network suggests first, where nothing is typed. */
  const offer = () => {
    const typed = byId("name").value.trim().toLowerCase();
    const { suggested } = stage.asked.get(at);
    const found = typed ? [] : [suggested, ...stage.asked.get(at).duplicates.map((id) => sheets[id].name)].filter(Boolean);
    const within = [];
    for (const name of typed ? herbnb.names : []) {
      const low = name.toLowerCase();
      if (low.startsWith(typed)) found.push(name);
      else if (within.length < MOST && low.includes(` ${typed}`)) within.push(name);
      if (found.length === MOST) break;
    }
    const offered = [...new Set([...found, ...within])].slice(0, MOST);
    byId("names").replaceChildren(...offered.map((value) => made("option", { value })));
  };

  /* The person, the keys, the files */
  let waiting = () => {}; // what is done when the person has said who she is
  const ask = (then = () => {}) => {
    waiting = then;
    byId("called").value = keeping.setting("person") || "";
    byId("who").showModal();
    byId("called").focus();
  };

  const introduce = (event) => {
    event.preventDefault();
    const name = byId("called").value.trim();
    if (!name) return;
    byId("who").close();
    byId("question").focus(); // else the next key may still go to the field that is gone
    keeping.set("person", name);
    count();
    waiting();
  };

  const save = () => {
    const person = (keeping.setting("person") || "nobody").replace(/[^\p{L}\p{N}]+/gu, "-");
    const text = `${JSON.stringify(keeping.fileOf(), null, 1)}\n`;
    const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    const download = `decisions-${collection}-${person}.json`;
    made("a", { href, download }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60000);
    keeping.set("saved", Date.now());
    count();
    say(`${keeping.decided()} decisions go into ${download}.`);
  };

  const load = async (files) => {
    const sentences = [];
    for (const file of files) {
      try {
        const { taken, of, disagreements } = keeping.take(await file.text(), file.name);
        sentences.push(`${file.name}: ${taken} of ${of} decisions were taken; the others are known or older.`);
        for (const { id, newer, older } of disagreements) {
          sentences.push(`Two opinions on ${numberOf(id)}: ${newer.decided_by} says ${keeping.said(newer)}, and before that `
            + `${older.decided_by} said ${keeping.said(older)}. The newer counts; decide again if it should not.`);
        }
      } catch (error) {
        sentences.push(error.message);
      }
    }
    list();
    show(at);
    count();
    tell(...sentences);
  };

  const view = (walking) => {
    if (walking) {
      const { order: _, undecided, ...names } = chosen();
      const parts = [...Object.values(names).filter(Boolean), undecided ? "undecided" : ""].filter(Boolean);
      walk.build(shown, parts.length ? ` (${parts.join(", ")})` : "");
    }
    byId("review").hidden = walking;
    byId("walk").hidden = !walking;
    byId("view").setAttribute("aria-pressed", String(walking));
  };

  const KEYS = {
    r: () => decide("right"),
    w: wrong,
    u: () => decide("unsure"),
    n: () => decide("no plant"),
    m: () => byId("remarks").focus(),
    t: takeBack,
    j: () => step(1),
    k: () => step(-1),
    ArrowRight: () => step(1),
    ArrowLeft: () => step(-1),
    z: () => stage.zoom(),
    "?": () => byId("keys").showModal(),
  };

  const press = (event) => {
    const { target, key } = event;
    const writing = target.matches("input:not([type=checkbox]), textarea, select");
    if (key === "Escape" && writing) byId("question").focus();
    if (writing || event.ctrlKey || event.altKey || event.metaKey || !byId("walk").hidden) return;
    if (document.querySelector("dialog[open]") || !byId("listening").checked) return;
    const moving = key.startsWith("Arrow") && document.querySelector("#stage .zoom[aria-pressed=true]");
    const act = KEYS[key.length === 1 ? key.toLowerCase() : key];
    if (!act || moving) return;
    event.preventDefault();
    act();
  };

  const fill = (name, every, values) => {
    byId(name).replaceChildren(made("option", { value: "" }, every),
      ...values.map(([value, number]) => made("option", { value }, `${value} (${number})`)));
  };

  const narrow = () => {
    list();
    if (shown.length && !shown.some(({ id }) => id === at)) show(shown[0].id);
  };

  const begin = () => {
    document.title = `Review list: ${collection}`;
    byId("collection").textContent = collection;
    byId("remarks").maxLength = longest.remarks;
    fill("family", "all families", order.choices(({ id }) => sheets[id].family));
    fill("genus", "all genera", order.choices(({ id }) => sheets[id].genus));
    fill("judged", "anything", order.choices(({ judged_by }) => judged_by));
    for (const name of FILTERS) byId(name).value = keeping.setting(name) || byId(name).value;
    byId("listening").checked = keeping.setting("listening") !== false;
    list();
    const last = shown.find(({ id }) => id === keeping.setting("at"));
    show((last || shown[0] || herbnb.review.listed[0]).id);
    count();
    if (!keeping.setting("person")) ask();
  };

  document.querySelectorAll("[data-verdict]").forEach((button) => {
    const { verdict } = button.dataset;
    button.addEventListener("click", () => (verdict === "wrong" ? wrong() : decide(verdict)));
  });
  byId("judge").addEventListener("submit", (event) => {
    event.preventDefault();
    decide("wrong");
  });
  byId("judge").addEventListener("input", () => {
    keeping.write(at, fields());
    mark(at);
  });
  byId("remarks").addEventListener("change", () => {
    const decision = keeping.decision(at); // a remark that comes after the verdict belongs to it
    if (!decision || decision.remarks === byId("remarks").value.trim()) return;
    keeping.decide(at, decision.verdict, { ...decision, remarks: byId("remarks").value });
    show(at);
    count();
  });
  byId("name").addEventListener("input", offer);
  byId("filters").addEventListener("change", () => {
    FILTERS.forEach((name) => keeping.set(name, byId(name).value));
    narrow();
  });
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("earlier").addEventListener("click", () => part(first - PART));
  byId("later").addEventListener("click", () => part(first + PART));
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").addEventListener("click", () => step(1));
  byId("back").addEventListener("click", takeBack);
  byId("view").addEventListener("click", () => view(byId("walk").hidden));
  byId("far").addEventListener("click", reading.open);
  byId("save").addEventListener("click", save);
  byId("load").addEventListener("click", () => byId("file").click());
  byId("file").addEventListener("change", async () => {
    await load([...byId("file").files]);
    byId("file").value = "";
  });
  byId("person").addEventListener("click", () => ask());
  byId("who").addEventListener("submit", introduce);
  byId("help").addEventListener("click", () => byId("keys").showModal());
  byId("listening").addEventListener("change", () => keeping.set("listening", byId("listening").checked));
  byId("close").addEventListener("click", () => { byId("messages").hidden = true; });
  document.addEventListener("keydown", press);
  window.addEventListener("beforeprint", () => byId("walk").hidden && view(true));
  window.addEventListener("storage", () => { // another tab has decided
    keeping.recall();
    list();
    show(at);
    count();
  });
  window.addEventListener("beforeunload", (event) => keeping.forgetful() && keeping.unsaved() && event.preventDefault());
  begin();
})();
