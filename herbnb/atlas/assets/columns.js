/* Reads the data of the atlas: scripts that hand over typed arrays, each loaded when it is first needed. */
const Atlas = (() => {
  "use strict";
  const TYPES = { int8: Int8Array, uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array,
    int32: Int32Array, float32: Float32Array };
  const taken = {};
  const waiting = {};

  const unpacked = ({ type, base64 }) => {
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let place = 0; place < text.length; place += 1) bytes[place] = text.charCodeAt(place);
    return new TYPES[type](bytes.buffer);
  };

  /* Called by each script of data/: keeps what it brings, its arrays unpacked. */
  const take = (name, content) => {
    for (const [key, value] of Object.entries(content)) {
      if (value && value.base64 !== undefined) content[key] = unpacked(value);
    }
    taken[name] = content;
  };

  /* Return a promise of what data/<name>.js holds. */
  const load = (name) => {
    waiting[name] ??= new Promise((resolve, reject) => {
      if (taken[name]) return resolve(taken[name]);
      const script = document.createElement("script");
      script.src = `data/${name}.js`;
      script.onload = () => resolve(taken[name]);
      script.onerror = () => reject(new Error(`data/${name}.js is missing: write the atlas again.`));
      return document.head.append(script);
    });
    return waiting[name];
  };

  /* Return a promise of a column: `numbers`, or `names` and the `codes` of the rows. */
  const column = async (name) => {
    const content = await load(`column-${name}`);
    if (content.names) content.codes ??= new Uint8Array(taken.atlas.sheets); // all bear the one name
    return content;
  };

  /* Turn the steps of a coordinate into a number from -1 to 1; a sheet without a place has none. */
  const placed = (steps) => Float32Array.from(steps, (each) => (each ? ((each - 1) / 65534) * 2 - 1 : NaN));

  /* Return a promise of a map: `x` and `y` of the rows and, where they were compared, the rows `near` each. */
  const map = async (number) => {
    const content = await load(`map-${number}`);
    if (content.x instanceof Uint16Array) Object.assign(content, { x: placed(content.x), y: placed(content.y) });
    return content;
  };

  /* Return what stands in a column that is there already, as text. */
  const text = (name, row) => {
    const found = taken[`column-${name}`];
    if (!found) return "";
    if (found.names) return found.names[found.codes[row]];
    const number = found.numbers[row];
    return Number.isNaN(number) ? "" : String(Number(number.toPrecision(4)));
  };

  /* Make an element: its attributes, and what stands in it, which is text and never markup. */
  const element = (tag, attributes = {}, ...content) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...content.filter((each) => each !== null && each !== undefined));
    return made;
  };

  return { take, load, column, map, text, element, about: () => taken.atlas };
})();
