/* Order: which sheets are shown, and which comes first. */
"use strict";
herbnb.order = (() => {
  const { sheets, listed } = herbnb.review;
  const ANY = "";
  const compare = new Intl.Collator("en", { numeric: true }).compare;
  const address = ({ id }) => [sheets[id].family, sheets[id].genus, sheets[id].species, herbnb.numberOf(id), id];

  const byFiling = (one, other) => {
    const [left, right] = [address(one), address(other)];
    const place = left.findIndex((each, at) => compare(each, right[at]) !== 0);
    return place < 0 ? 0 : compare(left[place], right[place]);
  };

  /* Gatherings whose duplicates bear different names come first, each together; then the most suspect. */
  const worst = new Map();
  for (const { id, split, suspicion } of listed) {
    if (!split) continue;
    const { gathering } = sheets[id];
    worst.set(gathering, Math.max(worst.get(gathering) || 0, suspicion || 0));
  }
  const bySuspicion = (one, other) => {
    if (one.split !== other.split) return one.split ? -1 : 1;
    const [left, right] = [sheets[one.id].gathering, sheets[other.id].gathering];
    if (one.split && left !== right) return worst.get(right) - worst.get(left) || compare(left, right);
    return (other.suspicion || 0) - (one.suspicion || 0) || byFiling(one, other);
  };

  const filing = [...listed].sort(byFiling);
  const rank = new Map(filing.map(({ id }, place) => [id, place]));
  const suspicion = [...listed].sort(bySuspicion);

  const shown = ({ order, family, genus, judged, undecided }) =>
    (order === "filing" ? filing : suspicion).filter(({ id, judged_by }) =>
      (family === ANY || sheets[id].family === family)
      && (genus === ANY || sheets[id].genus === genus)
      && (judged === ANY || judged_by === judged)
      && !(undecided && herbnb.keeping.decision(id)));

  const filed = (some) => [...some].sort((one, other) => rank.get(one.id) - rank.get(other.id));

  /* The values that a filter can have, with how many sheets have each. */
  const choices = (value) => {
    const counts = new Map();
    for (const asked of listed) counts.set(value(asked), (counts.get(value(asked)) || 0) + 1);
    return [...counts].sort(([one], [other]) => compare(one, other));
  };

  return { shown, choices, filed };
})();
