/* Keeping: what was decided, in the browser's own memory and in files. The memory has a key a sheet, so that
   every keystroke is kept at once, however long the list is. */
"use strict";
herbnb.keeping = (() => {
  const { collection, list, run, sheets, listed } = herbnb.review;
  const prefix = `herbnb:${collection}:${list}:`;
  const VERDICTS = ["right", "wrong", "unsure", "no plant"];
  const kept = { decision: new Map(), draft: new Map() };
  const settings = {};
  let forgetful = false; // whether the browser lets a file keep anything

  const remember = (key, value) => {
    try {
      if (value === undefined) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
    } catch {
      forgetful = true;
    }
  };

  const put = (kind, id, value) => {
    if (value === undefined) kept[kind].delete(id);
    else kept[kind].set(id, value);
    remember(`${prefix}${kind}:${id}`, value);
  };

  const recall = () => {
    kept.decision.clear();
    kept.draft.clear();
    try {
      for (let place = 0; place < localStorage.length; place += 1) {
        const key = localStorage.key(place);
        if (!key.startsWith(prefix)) continue;
        const [kind, ...id] = key.slice(prefix.length).split(":");
        const value = JSON.parse(localStorage.getItem(key));
        if (kind === "setting") settings[id.join(":")] = value;
        else if (sheets[id.join(":")]) kept[kind].set(id.join(":"), value);
      }
      settings.person = JSON.parse(localStorage.getItem("herbnb:person")) || "";
    } catch {
      forgetful = true;
    }
  };

  const set = (name, value) => {
    settings[name] = value;
    remember(name === "person" ? "herbnb:person" : `${prefix}setting:${name}`, value);
  };

  /* The time, with the offset of the place, so that the date is the person's own. */
  const now = () => {
    const time = new Date();
    const offset = -time.getTimezoneOffset();
    const two = (number) => String(Math.floor(Math.abs(number))).padStart(2, "0");
    const local = new Date(time.getTime() + 60000 * offset).toISOString().slice(0, 19);
    return `${local}${offset < 0 ? "-" : "+"}${two(offset / 60)}:${two(offset % 60)}`;
  };

  const decide = (id, verdict, { name = "", qualifier = "", remarks = "" }) => {
    const another = verdict === "wrong" ? name.trim() : "";
    put("decision", id, {
      verdict,
      name: another,
      qualifier: another ? qualifier.trim() : "",
      remarks: remarks.trim(),
      decided_by: settings.person,
      decided_on: now(),
    });
    put("draft", id, undefined);
  };

  const entry = (asked) => {
    const { occurrence_id, catalog_number, name: given } = sheets[asked.id];
    const { verdict, name, qualifier, remarks, decided_by, decided_on } = kept.decision.get(asked.id);
    const { suspicion, suggested } = asked;
    const said = { verdict, name, qualifier, remarks, decided_by, decided_on };
    return { image_id: asked.id, occurrence_id, catalog_number, given, ...said, suspicion, suggested };
  };

  const fileOf = () => ({
    format: "herbnb decisions",
    version: 1,
    collection,
    run,
    decisions: listed.filter(({ id }) => kept.decision.has(id)).map(entry),
  });

  const said = ({ verdict, name, qualifier }) =>
    name ? `${verdict}: ${[qualifier, name].filter(Boolean).join(" ")}` : verdict;

  const faultOf = (each, asked) => {
    if (!each || typeof each !== "object") return "is no decision";
    if (!asked.has(each.image_id)) return `is of ${each.image_id}, which is not on this list`;
    if (!VERDICTS.includes(each.verdict)) return `(${each.image_id}) has the verdict ${each.verdict}`;
    if (!each.decided_by) return `(${each.image_id}) does not say who decided`;
    if (!/[+-]\d\d:\d\d$|Z$/.test(each.decided_on) || Number.isNaN(Date.parse(each.decided_on))) {
      return `(${each.image_id}) does not say when it was decided`;
    }
    return "";
  };

  /* Take the decisions of a file, of each sheet the newer; return how many, and what two people disagree on. */
  const take = (text, file) => {
    let content;
    try {
      content = JSON.parse(text);
    } catch {
      throw new Error(`${file} is no decisions file, for it is not JSON.`);
    }
    if (!content || content.format !== "herbnb decisions" || !Array.isArray(content.decisions)) {
      throw new Error(`${file} is no decisions file: choose one that this page saved.`);
    }
    if (content.version !== 1) throw new Error(`${file} is of version ${content.version}; this page reads 1.`);
    const other = Object.keys(run).find((key) => !content.run || content.run[key] !== run[key]);
    if (content.collection !== collection || other) {
      const theirs = other ? ` (its ${other} is ${content.run && content.run[other]})` : "";
      throw new Error(`${file} belongs to another list, of ${content.collection}${theirs}: open that list for it.`);
    }
    const asked = new Set(listed.map(({ id }) => id));
    const place = content.decisions.findIndex((each) => faultOf(each, asked));
    if (place >= 0) {
      throw new Error(`${file}, entry ${place + 1} ${faultOf(content.decisions[place], asked)}: nothing was taken.`);
    }
    let taken = 0;
    const disagreements = [];
    for (const each of content.decisions) {
      const { image_id: id, verdict, name = "", qualifier = "", remarks = "", decided_by, decided_on } = each;
      const theirs = { verdict, name, qualifier, remarks, decided_by, decided_on };
      const ours = kept.decision.get(id);
      const newer = !ours || Date.parse(decided_on) > Date.parse(ours.decided_on);
      if (ours && ours.decided_by !== decided_by && said(ours) !== said(theirs)) {
        disagreements.push({ id, newer: newer ? theirs : ours, older: newer ? ours : theirs });
      }
      if (newer) {
        put("decision", id, theirs);
        taken += 1;
      }
    }
    return { taken, of: content.decisions.length, disagreements };
  };

  recall();
  return {
    decision: (id) => kept.decision.get(id),
    draft: (id) => kept.draft.get(id),
    decided: () => listed.filter(({ id }) => kept.decision.has(id)).length,
    unsaved: () =>
      [...kept.decision.values()].filter((each) => Date.parse(each.decided_on) > (settings.saved || 0)).length,
    forgetful: () => forgetful,
    setting: (name) => settings[name],
    takeBack: (id) => put("decision", id, undefined),
    write: (id, words) => put("draft", id, Object.values(words).some(Boolean) ? words : undefined),
    set,
    decide,
    fileOf,
    said,
    take,
    recall,
  };
})();
