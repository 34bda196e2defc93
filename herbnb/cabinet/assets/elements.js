/* Elements: what every other script of the page makes its parts with. Text from data is only ever text. */
"use strict";
const herbnb = {};

herbnb.take = (name, value) => {
  herbnb[name] = value;
};

herbnb.byId = (id) => document.getElementById(id);

/* Make an element with properties and children; null and "" among the children are left out. */
herbnb.made = (tag, properties = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== ""));
  return element;
};

/* What the name on a sheet weighs, in words. */
const WEIGHTS = { type: "a type", specialist: "named by a specialist" };
herbnb.weights = ({ standing }) => standing.split(", ").filter(Boolean).map((each) => WEIGHTS[each]);

herbnb.numberOf = (id) => herbnb.review.sheets[id].catalog_number || id;

/* The picture of a sheet, or the sentence that says why there is none. */
herbnb.pictured = (id, file, properties = {}) => {
  const { name, fault } = herbnb.review.sheets[id];
  if (!file) return herbnb.made("p", { className: "fault" }, `No picture: ${fault}.`);
  const alt = `Sheet ${herbnb.numberOf(id)}, named ${name}`;
  return herbnb.made("img", { ...properties, alt, src: herbnb.review.pictures + file });
};
