// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/run_page/page_style.hpp"

namespace sotto::tools {

const std::string_view page_style = R"(
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1c2128; --soft: #5d6670; --line: #dde1e6; --band: #f4f6f8;
  --others: #a9b2bc; --front: #0072b2; --baseline: #d55e00; --hot: #e69f00; }
@media (prefers-color-scheme: dark) { :root { --paper: #15181c; --ink: #e3e7eb; --soft: #9aa4ae; --line: #31373e;
  --band: #1d2227; --others: #5b656f; --front: #56b4e9; --baseline: #ff8c42; --hot: #f0c05a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .5rem; }
p { margin: .4rem 0; max-width: 52rem; }
a { color: var(--front); }
code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .9em; }
.soft, .circumstances { color: var(--soft); }
.lead { font-size: 1.08rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.25rem; margin: 1rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow: auto; width: fit-content; max-width: 100%; max-height: 44rem; border: 1px solid var(--line); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { padding: .22rem .7rem; text-align: right; white-space: nowrap; }
thead th { position: sticky; top: 0; background: var(--band); border-bottom: 1px solid var(--line);
  font-weight: 600; vertical-align: bottom; }
tbody tr:nth-child(even) { background: var(--band); }
tbody.baseline td { color: var(--baseline); border-bottom: 1px solid var(--line); }
td.text, th.text { text-align: left; white-space: normal; overflow-wrap: anywhere; }
th.objective, td.objective { font-weight: 600; }
.sortable thead th { cursor: pointer; }
th[aria-sort=ascending]::after { content: " \25b2"; font-size: .7em; }
th[aria-sort=descending]::after { content: " \25bc"; font-size: .7em; }
tr.hot, tbody tr.hot:nth-child(even) { background: color-mix(in srgb, var(--hot) 35%, transparent); }
svg { display: block; width: 100%; height: auto; margin: .5rem 0; font-size: 12px; }
svg.spark { width: 140px; height: 22px; margin: 0; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1rem; }
.label, .title { fill: var(--ink); }
.title { font-weight: 600; }
.name { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
.grid { stroke: var(--line); fill: none; }
.frame { stroke: var(--soft); fill: none; }
.curve { stroke: var(--front); stroke-width: 2; fill: none; stroke-linejoin: round; }
.dropped { stroke: var(--others); stroke-width: 1.4; fill: none; stroke-linejoin: round; }
circle.dropped { fill: var(--others); stroke: none; }
path.hot { stroke: var(--hot); stroke-width: 3; }
circle.dropped.hot { fill: var(--hot); }
.stairs { stroke: var(--front); stroke-opacity: .45; fill: none; }
.others { stroke: var(--others); stroke-width: 3; stroke-opacity: .55; stroke-linecap: round; fill: none; }
.front { stroke: var(--front); stroke-width: 3.4; stroke-opacity: .6; stroke-linecap: round; fill: none; }
.member { fill: var(--front); stroke: var(--paper); stroke-width: .8; }
.member:hover, .member.hot { fill: var(--hot); stroke: var(--ink); stroke-width: 1.4; }
path.baseline { stroke: var(--baseline); stroke-width: 2.2; fill: none; }
.limit { stroke: var(--baseline); stroke-dasharray: 5 4; fill: none; }
summary { cursor: pointer; font-weight: 600; }
pre { overflow: auto; max-height: 40rem; padding: .75rem; background: var(--band); border: 1px solid var(--line);
  font: .82rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
@media print { .scroll, pre { max-height: none; } }
)";

const std::string_view page_script = R"(
const value = (row, column) => {
  const cell = row.cells[column];
  const number = parseFloat(cell.dataset.value ?? cell.textContent);
  return isNaN(number) ? Infinity : number;
};
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.addEventListener("click", () => {
    const sign = head.ariaSort === "ascending" ? -1 : 1;
    heads.forEach(other => { other.ariaSort = null; });
    head.ariaSort = sign === 1 ? "ascending" : "descending";
    const body = table.tBodies[table.tBodies.length - 1];
    const rows = [...body.rows].sort((a, b) => {
      const x = value(a, column), y = value(b, column);
      return x === y ? 0 : sign * (x > y ? 1 : -1);
    });
    body.append(...rows);
  }));
}
const light = (event, on) => {
  const member = event.target.closest("[data-member]");
  if (member) {
    document.querySelectorAll(`[data-member="${member.dataset.member}"]`)
      .forEach(other => other.classList.toggle("hot", on));
  }
};
document.addEventListener("mouseover", event => light(event, true));
document.addEventListener("mouseout", event => light(event, false));
)";

}  // namespace sotto::tools
