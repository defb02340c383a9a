// The explorer: Bokeh draws the points, this fills them in and shows the lines of what is chosen.
const element = id => document.getElementById(id);
const MOST_SHOWN = 100;
const shown = {view: null, rows: [], key: "strength", down: true, chosen: null};
const COLUMNS = [
  ["name", "term", row => row.name, false],
  ["n_a", "n, first", row => row.n_a.toLocaleString("en"), true],
  ["n_b", "n, second", row => row.n_b.toLocaleString("en"), true],
  ["y", "log ratio", row => digits(row.y), true],
  ["strength", "95 % interval", row => between(row), true],
  ["q", "q", row => sure(row.q), true],
];
// What is not 0 must not look like it: the end of an interval tells on which side of 0 it lies.
const places = value => value !== 0 && Number(value.toFixed(2)) === 0 ? value.toPrecision(1) : value.toFixed(2);
const digits = value => value === null ? "–" : value === "open" ? "open" : places(value);
const between = row => row.low === null && row.high === null ? "–" : `[${digits(row.low)}, ${digits(row.high)}]`;
// What is near .05, which it is held against, must not look like it.
const written = q => (q.toFixed(3) === "0.050" ? String(q) : q.toFixed(3)).replace(/^0/, "");
const sure = q => q === null ? "–" : q < 0.001 ? "< .001" : written(q);

// The nearer limit of the interval, 0 where it holds 0: what is surely apart comes first.
function strength({y, low, high}) {
  const limit = y > 0 ? low : high;
  return typeof limit !== "number" ? 0 : Math.max(0, y > 0 ? limit : -limit);
}

function rowsOf(view, terms) {
  return view.log_ratio.map((y, i) => {
    const row = {
      name: view.kind === "words" ? terms[view.language][view.item[i]] : view.names[i], place: view.item?.[i],
      x: view.x[i], y, low: view.ci_low[i], high: view.ci_high[i], q: view.q[i],
      n_a: view.n_a[i], n_b: view.n_b[i], named: view.named[i], held: view.held[i],
    };
    return {...row, strength: strength(row)};
  });
}

function startExplorer({views, terms, groups, lines, held, words, told}, plot) {
  const model = name => plot.select_one(name);
  const points = model("points"), named = model("named"), ring = model("chosen");

  function chooseView() {
    const view = shown.view = views[element("view").value];
    shown.rows = rowsOf(view, terms);
    shown.chosen = null;
    const [a, b] = view.sides;
    element("view-told").textContent = view.told + ".";
    for (const [side, end, way] of [[a, "a", "up"], [b, "b", "down"]]) {
      element(`more-${end}`).textContent = `${way}: more by ${side.label}`;
      element(`more-${end}`).style.setProperty("--side", side.colour);
    }
    plot.below[0].axis_label = view.kind === "words"
      ? "occurrences per million words, both sides together" : "% of utterances that mention it, both sides together";
    const least = (name, bound) => shown.rows.reduce((low, row) => Math.min(low, row[name]), bound);
    const most = (name, bound) => shown.rows.reduce((high, row) => Math.max(high, row[name]), bound);
    // Room for names to the right.
    const ranges = [[plot.x_range, least("x", Infinity) / 1.3, most("x", 0) * 2]];
    ranges.push([plot.y_range, 1.1 * least("y", -1), 1.1 * most("y", 1)]);
    for (const [range, start, end] of ranges) range.setv({start, end, reset_start: start, reset_end: end});
    element("lines").replaceChildren();
    list();
  }

  function list() {
    const wanted = element("find").value.trim().toLowerCase(), sureOnly = element("sure").checked;
    const rows = shown.rows.filter(row => row.name.toLowerCase().includes(wanted) && (!sureOnly || row.held));
    const key = row => typeof row[shown.key] === "string" ? row[shown.key].toLowerCase() : row[shown.key];
    // What is searched for itself stands before what contains it.
    rows.sort((one, other) => (other.name.toLowerCase() === wanted) - (one.name.toLowerCase() === wanted)
      || compareCells(key(one), key(other), shown.down) || Math.abs(other.y) - Math.abs(one.y));
    draw(rows);
    const head = make("tr"), body = rows.slice(0, MOST_SHOWN).map(tableRow);
    for (const [name, title, , right] of COLUMNS) {
      const cell = make("th", "", right ? {className: "right"} : {});
      const button = make("button", title, {type: "button"});
      button.addEventListener("click", () => {
        shown.down = shown.key === name ? !shown.down : name !== "name";
        shown.key = name;
        list();
        element("found").querySelector("[aria-sort] button").focus();
      });
      if (shown.key === name) cell.ariaSort = shown.down ? "descending" : "ascending";
      cell.append(button);
      head.append(cell);
    }
    element("found").replaceChildren(head, ...body);
    element("found-told").textContent = rows.length > MOST_SHOWN
      ? `${MOST_SHOWN} of ${rows.length.toLocaleString("en")} are listed; type to find others.` : `${rows.length} listed.`;
  }

  function tableRow(row) {
    const out = make("tr");
    out.ariaSelected = row === shown.chosen;
    for (const [name, , text, right] of COLUMNS) {
      const cell = make("td", name === "name" ? "" : text(row), right ? {className: "right"} : {});
      if (name === "name") {
        const button = make("button", row.name, {type: "button"});
        button.addEventListener("click", () => { choose(row); element("lines").focus(); });
        cell.append(button);
      }
      out.append(cell);
    }
    return out;
  }

  function draw(rows) {
    shown.drawn = rows;
    const colour = row => row.held ? shown.view.sides[row.y > 0 ? 0 : 1].colour : "#767676";
    const marker = row => shown.view.sides[row.y > 0 ? 0 : 1].marker;
    points.selected.indices = [];
    points.data = {
      x: rows.map(row => row.x), y: rows.map(row => row.y), name: rows.map(row => row.name), item: rows.map((_, i) => i),
      colour: rows.map(colour), fill: rows.map(row => row.held ? colour(row) : "#ffffff"), marker: rows.map(marker),
      n_a: rows.map(row => row.n_a), n_b: rows.map(row => row.n_b), between: rows.map(between),
      q: rows.map(row => sure(row.q)),
    };
    const bear = apart(rows.filter(row => row.named));
    named.data = {x: bear.map(row => row.x), y: bear.map(row => row.y), name: bear.map(row => row.name.slice(0, 24))};
    mark();
  }

  // Names that do not stand over another, the surest first.
  function apart(rows) {
    const wide = Math.log10(plot.x_range.end / plot.x_range.start), high = plot.y_range.end - plot.y_range.start;
    const far = (a, b) => Math.abs(Math.log10(a.x / b.x)) > wide * 0.09 || Math.abs(a.y - b.y) > high * 0.04;
    const kept = [];
    for (const row of rows) if (kept.every(other => far(row, other))) kept.push(row);
    return kept;
  }

  function mark() {
    const row = shown.drawn.includes(shown.chosen) ? shown.chosen : null;
    const limit = (value, y) => typeof value === "number" ? value : y;
    ring.data = row === null ? {x: [], y: [], low: [], high: []}
      : {x: [row.x], y: [row.y], low: [limit(row.low, row.y)], high: [limit(row.high, row.y)]};
  }

  function choose(row) {
    shown.chosen = row;
    mark();
    [...element("found").rows].slice(1).forEach(
      each => { each.ariaSelected = each.cells[0].textContent === row.name; });
    const {view} = shown;
    const mine = view.kind === "words" ? held[view.language]?.[row.place] : held[""]?.[row.name];
    const [a, b] = view.sides;
    const interval = between(row), q = sure(row.q);
    const panel = element("lines"), columns = make("div", "", {className: "columns"});
    panel.replaceChildren(make("h3", row.name), make("p",
      `${a.label}: ${row.n_a.toLocaleString("en")}; ${b.label}: ${row.n_b.toLocaleString("en")}; ` +
      `log ratio ${digits(row.y)}, ${interval === "–" ? "without interval" : `95 % interval ${interval}`}, ` +
      `${row.q === null ? "without p" : `q ${q.startsWith("<") ? q : `= ${q}`}`}.`), columns);
    if (!mine?.length) {
      panel.append(make("p", groups.length ? "No line of it is on this page." : told));
      return;
    }
    const forms = view.kind === "words" ? [row.name] : words[row.name] ?? [];
    groups.forEach((group, number) => {
      if (view.kind === "words" && group.language !== view.language) return;
      const these = mine.filter(line => lines.group[line] === number);
      const column = make("div"), list = make("ul", "", {lang: group.language});
      const title = view.kind === "words" ? group.label : `${group.label}, ${group.spoken}`;
      column.append(make("h4", title), list);
      const side = view.sides.find(each => each.label === group.label);
      if (side) column.style.setProperty("--side", side.colour);
      const several = new Set(these.map(line => lines.collection[line])).size > 1;
      for (const line of these) {
        const item = lineItem(lines.text[line], forms);
        if (several) item.append(make("span", ` ${lines.collections[lines.collection[line]]}`, {className: "quiet"}));
        list.append(item);
      }
      if (!these.length) column.append(make("p", "None.", {className: "quiet"}));
      columns.append(column);
    });
  }

  element("view").append(...views.map((view, number) => make("option",
    `${view.kind === "words" ? `words, ${view.spoken}` : "concepts"}: ${view.sides[0].label} – ${view.sides[1].label}`,
    {value: number})));
  element("view").addEventListener("change", chooseView);
  element("find").addEventListener("input", list);
  element("find").addEventListener("keydown", event => {
    if (event.key === "Enter" && shown.drawn.length) { choose(shown.drawn[0]); element("lines").focus(); }
  });
  element("sure").addEventListener("change", list);
  points.selected.properties.indices.change.connect(() => {
    const [first] = points.selected.indices;
    if (first !== undefined) choose(shown.drawn[first]);
  });
  chooseView();
}

// A line as text, with what was asked for marked in it.
function lineItem(text, forms) {
  const item = make("li", "", {dir: "auto"}), letters = /^[\p{L}\p{N}]$/u;
  const written = forms.map(form => {
    const whole = form.replace(/[.*+?^${}()|[\]\\\/-]/g, "\\$&").replace(/ /g, "[^\\p{L}\\p{N}]+");
    const han = /\p{Script=Han}/u.test(form);
    const ends = [form.at(0), form.at(-1)].map(sign => !han && letters.test(sign));
    return (ends[0] ? "(?<![\\p{L}\\p{N}])" : "") + whole + (ends[1] ? "(?![\\p{L}\\p{N}])" : "");
  });
  let from = 0;
  for (const found of written.length ? text.matchAll(new RegExp(written.join("|"), "giu")) : []) {
    if (!found[0]) continue;
    item.append(text.slice(from, found.index), make("mark", found[0]));
    from = found.index + found[0].length;
  }
  item.append(text.slice(from));
  return item;
}

async function openExplorer() {
  const [library, {explorer}] = await Promise.all([unpack("bokeh"), data]);
  document.head.append(make("script", library));
  element("explore").hidden = false;
  const manager = await Bokeh.embed.embed_item(explorer.plot);
  startExplorer(explorer, manager.roots[0].model);
}
openExplorer();
