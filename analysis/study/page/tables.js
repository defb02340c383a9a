"use strict";
// Texts reach the page by textContent alone.
const make = (tag, text, about = {}) => Object.assign(document.createElement(tag), {textContent: text ?? "", ...about});

// What a cell sorts by: a number where it is one (1,234; 41 %), what is missing last.
function sortKey(text) {
  const number = Number(text.replace(/[,%]/g, "").replace("∞", "Infinity"));
  return text.trim() === "" || text === "–" ? null : Number.isNaN(number) ? text.toLowerCase() : number;
}

function compareCells(a, b, down) {
  if (a === null || b === null) return (a === null) - (b === null);
  const order = typeof a === typeof b ? (a > b) - (a < b) : typeof a === "number" ? -1 : 1;
  return down ? -order : order;
}

// Make the heads of a table buttons that sort it, and put a search above it.
function enhance(table) {
  const [head, ...rows] = table.rows;
  const heads = head ? [...head.cells] : [];
  if (rows.length < 2 || heads.some(cell => cell.tagName !== "TH" || cell.colSpan > 1)) return;
  heads.forEach((cell, place) => {
    const button = make("button", cell.textContent, {type: "button"});
    cell.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = cell.ariaSort === "ascending";
      heads.forEach(each => each.removeAttribute("aria-sort"));
      cell.ariaSort = down ? "descending" : "ascending";
      const keys = new Map(rows.map(row => [row, sortKey(row.cells[place]?.textContent ?? "")]));
      rows.sort((one, other) => compareCells(keys.get(one), keys.get(other), down));
      head.after(...rows);
    });
  });
  if (rows.length < 8) return;
  const search = make("input", "", {type: "search", placeholder: "search", ariaLabel: "Search this table"});
  const count = make("output", "", {className: "quiet"});
  search.addEventListener("input", () => {
    const wanted = search.value.toLowerCase();
    rows.forEach(row => { row.hidden = !row.textContent.toLowerCase().includes(wanted); });
    count.textContent = ` ${rows.filter(row => !row.hidden).length} of ${rows.length} rows`;
  });
  (table.closest(".scroll") ?? table).before(search, count);
}

// A table of the run, built when it is opened.
function build(details, {columns, numeric, rows, all, count}) {
  if (all.length) details.append(make("p", "In every row: " + all.map(pair => pair.join(" = ")).join("; "), {className: "quiet"}));
  if (rows.length < count) details.append(make("p", `The first ${rows.length} of ${count} rows.`, {className: "quiet"}));
  const table = make("table"), scroll = make("div", "", {className: "scroll", tabIndex: 0});
  const fill = (row, tag, cells) => row.append(...cells.map(
    (text, place) => make(tag, text, numeric[place] ? {className: "right"} : {})));
  fill(table.insertRow(), "th", columns);
  for (const cells of rows) fill(table.insertRow(), "td", cells);
  scroll.append(table);
  details.append(scroll);
  enhance(table);
}

// What the page brings along, deflated and in base 64.
async function unpack(id) {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), sign => sign.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
}

const data = unpack("data").then(JSON.parse);
document.querySelectorAll(".html table, #parameters table").forEach(enhance);
document.querySelectorAll("details[data-table]").forEach(details => details.addEventListener(
  "toggle", async () => build(details, (await data).tables[details.dataset.table]), {once: true}));
