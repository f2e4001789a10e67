/**
 * The style of pages, in light and dark mode, for phones and for print. The colors suit color-blind readers (Okabe,
 * Ito).
 *
 * Tested by `tests/bench/report/browser_test.ts`.
 */

/** The style of all pages. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --bg: #fafaf8; --card: #ffffff; --ink: #1b2130; --dim: #566070; --line: #d8dce2;
  --ok: #0072b2; --fail: #a95000; --info: #8a3d78; --good: #00614c; --bad: #b3261e; --unsure: #725400;
  --client: #6d7b8d; --follow: #c2185b; --fault: #c77700; --soft: #eef1f4;
  --fault-0: #c77700; --fault-1: #6a51a3; --fault-2: #00798c; --fault-3: #a23b72; --fault-4: #56751f; --fault-5: #7d5a3c;
  --barrier: #a33a00; --changed: #ffe08a;
  --type-0: #0072b2; --type-1: #b86e00; --type-2: #00805f; --type-3: #7b4fb5; --type-4: #a23b72; --type-5: #4f6b12; --type-6: #0f7f94; --type-7: #6d7b8d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #14171c; --card: #1b2027; --ink: #e6e8ec; --dim: #a6aebb; --line: #38404b;
    --ok: #5ab7ec; --fail: #f2a65a; --info: #dca0d0; --good: #5ad1a8; --bad: #ff8f80; --unsure: #e9c46a;
    --client: #8b98a9; --follow: #ff6fa3; --fault: #e0a030; --soft: #242a33;
    --fault-0: #e0a030; --fault-1: #b79ad9; --fault-2: #4fc3d9; --fault-3: #e58abf; --fault-4: #a5c66b; --fault-5: #c99873;
    --barrier: #ff9d5c; --changed: #6a5410;
    --type-0: #5ab7ec; --type-1: #f0b429; --type-2: #4fd1a5; --type-3: #c0a1f0; --type-4: #f08cc0; --type-5: #b4d264; --type-6: #5fd3e6; --type-7: #97a3b4;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 8px; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main, header.page { max-width: 1360px; margin: 0 auto; padding: 0 20px; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0; }
h2 { font-size: 1.2rem; margin: 36px 0 10px; }
h3 { font-size: 1rem; margin: 0 0 6px; overflow-wrap: anywhere; }
p { margin: 6px 0; max-width: 78ch; }
a { color: var(--ok); }
.dim { color: var(--dim); }
.verdict { display: flex; gap: 16px; align-items: center; padding: 14px 0 4px; }
.verdict .mark { flex: none; width: 52px; height: 52px; border-radius: 50%; display: grid; place-items: center; font-size: 28px; font-weight: 700; color: var(--card); background: var(--tone); }
.verdict h1 { overflow-wrap: anywhere; }
.good { --tone: var(--good); } .invalid { --tone: var(--bad); } .unsure { --tone: var(--unsure); } .info { --tone: var(--dim); }
.verdict .word { color: var(--tone); }
.facts { color: var(--dim); margin: 4px 0 0; padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 2px 18px; font-size: 0.92rem; }
.facts b { color: var(--ink); font-weight: 600; overflow-wrap: anywhere; }
code, pre, .mono { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.86rem; }
pre { background: var(--soft); padding: 10px; border-radius: 6px; overflow: auto; max-height: 420px; white-space: pre-wrap; overflow-wrap: anywhere; margin: 6px 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 12px; margin: 18px 0 0; }
.figure, .card, .panel { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; min-width: 0; }
.figure h2 { font-size: 0.85rem; font-weight: 500; color: var(--dim); margin: 0; }
.figure .value { font-size: 1.45rem; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; line-height: 1.3; }
.figure .value.long { font-size: 1rem; }
.figure .about { font-size: 0.84rem; color: var(--dim); overflow-wrap: anywhere; }
.bound { font-size: 0.84rem; font-weight: 600; display: block; }
.bound.met { color: var(--good); } .bound.missed { color: var(--bad); }
.card { margin: 14px 0; border-left: 5px solid var(--tone); }
.card h3 { font-size: 1.08rem; }
.card h3 .count { color: var(--dim); font-weight: 400; font-size: 0.9rem; }
.card .case { margin: 12px 0 0; padding-top: 10px; border-top: 1px solid var(--line); }
.card ul.why { margin: 6px 0; padding-left: 20px; } .card ul.why li { overflow-wrap: anywhere; max-width: 90ch; }
.diagram { overflow-x: auto; margin: 8px 0; }
.scroll { overflow-x: auto; }
svg text { font: 12px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: var(--ink); }
svg.cycle { max-width: max(100%, 760px); height: auto; display: block; }
svg.cycle .box { fill: var(--soft); stroke: var(--dim); }
svg.cycle text.name, svg.bars text.name { font-weight: 600; }
svg.cycle .edge { fill: none; stroke: var(--edge, var(--dim)); stroke-width: 1.8; }
svg.cycle .head { fill: var(--edge, var(--dim)); }
svg.cycle .ww { --edge: var(--fail); } svg.cycle .wr { --edge: var(--ok); } svg.cycle .rw { --edge: var(--bad); }
svg.cycle .edge.rw { stroke-dasharray: 6 3; } svg.cycle .edge.realtime, svg.cycle .edge.process { stroke-dasharray: 2 3; }
svg.cycle rect.label { fill: var(--card); stroke: var(--line); }
svg.bars { display: block; max-width: none; }
svg.bars .row { stroke: var(--line); } svg.bars .time { fill: var(--dim); }
svg.bars .bar rect { fill: var(--ok); } svg.bars .fail rect { fill: var(--fail); }
svg.bars .info rect, svg.bars .invoke rect { fill: none; stroke: var(--info); stroke-width: 2; }
svg.bars .marked rect { stroke: var(--bad); stroke-width: 3; } svg.bars .marked text { font-weight: 700; fill: var(--bad); }
svg.quantiles { max-width: 100%; height: auto; display: block; } svg.quantiles .value { fill: var(--ok); }
svg.quantiles line.bound { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 4 3; } svg.quantiles text.bound { font-size: 10px; fill: var(--bad); }
svg.futures { max-width: 100%; height: auto; display: block; margin-top: 10px; } svg.futures text { fill: var(--dim); font-size: 12px; }
svg.futures .grid { stroke: var(--line); } svg.futures .share { fill: none; stroke: var(--ok); stroke-width: 2; } svg.futures .value { fill: var(--ok); }
svg.futures line.bound { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 4 3; }
ol.steps { padding-left: 0; margin: 8px 0; list-style: none; max-width: 720px; }
ol.steps li { display: flex; flex-wrap: wrap; gap: 2px 14px; justify-content: space-between; padding: 3px 8px; border-left: 3px solid var(--ok); margin: 2px 0; background: var(--soft); }
ol.steps li.failed { border-left-color: var(--bad); } ol.steps li.failed .state { color: var(--bad); font-weight: 600; }
ol.steps li.dim { border-left-color: var(--line); }
ol.steps .op { overflow-wrap: anywhere; }
button, input, select { font: inherit; font-size: 0.9rem; color: var(--ink); background: var(--card); border: 1px solid var(--dim); border-radius: 6px; padding: 4px 10px; max-width: 100%; }
button { cursor: pointer; } button:hover { background: var(--soft); }
button.go { border-color: var(--tone); color: var(--tone); font-weight: 600; }
:focus-visible { outline: 3px solid var(--ok); outline-offset: 1px; }
.bar-row { display: flex; flex-wrap: wrap; gap: 6px 10px; align-items: center; margin: 8px 0; }
.bar-row label { display: inline-flex; gap: 5px; align-items: center; font-size: 0.9rem; }
.bar-row form { display: inline-flex; gap: 6px; flex-wrap: wrap; }
#types { display: flex; flex-wrap: wrap; gap: 2px 12px; border: 0; padding: 0; margin: 6px 0; min-width: 0; }
#types legend { float: left; padding: 0 8px 0 0; color: var(--dim); font-size: 0.9rem; }
#types label { font-size: 0.86rem; display: inline-flex; gap: 4px; align-items: center; }
.diagram { position: relative; width: 100%; overflow: hidden; background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
.diagram canvas { display: block; touch-action: pan-y; cursor: grab; }
.strip { margin: 8px 0; } .strip canvas { touch-action: none; cursor: ew-resize; }
.link-to-store { padding: 8px 20px; }
.player .bar-row { margin: 6px 0; gap: 6px; }
.moment { font-size: 0.88rem; margin: 2px 0 0; min-height: 1.5em; overflow-wrap: anywhere; max-width: none; }
.player #scrub { flex: 1 1 240px; min-width: 120px; padding: 0; accent-color: var(--ok); }
.player #play { min-width: 74px; font-weight: 600; }
.player .clock { font-variant-numeric: tabular-nums; min-width: 92px; text-align: right; }
.player .speed { font-variant-numeric: tabular-nums; min-width: 62px; text-align: center; font-size: 0.9rem; }
#cluster { touch-action: pan-y; }
.scroll-y { overflow: auto; max-height: 46vh; }
table.states { font-size: 0.84rem; width: 100%; } table.states td { text-align: left; font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.8rem; padding: 2px 6px; white-space: nowrap; max-width: 170px; overflow: hidden; text-overflow: ellipsis; }
table.states th { padding: 2px 6px; text-align: left; } table.states th button { padding: 0 6px; } td.new { background: var(--changed); }
.cursor-line { position: absolute; top: 0; bottom: 0; left: 0; width: 0; border-left: 2px solid var(--follow); pointer-events: none; }
.legend i.dot { width: 10px; height: 10px; border-radius: 50%; } .legend i.ring { width: 10px; height: 10px; border-radius: 50%; background: none; border: 2px solid var(--swatch); }
.split { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 16px; margin-top: 10px; }
.side { display: flex; flex-direction: column; gap: 10px; min-width: 0; } .side > * { flex: none; }
@media (min-width: 1000px) {
  .split { grid-template: "stage side" auto "rest side" 1fr / minmax(0, 1fr) 350px; }
  .stage { grid-area: stage; } .rest { grid-area: rest; }
  .side { grid-area: side; position: sticky; top: 8px; align-self: start; max-height: calc(100vh - 16px); overflow-y: auto; }
  .side .spread { columns: 1; }
}
ol.story { margin: 4px 0 8px; padding-left: 22px; font-size: 0.9rem; } ol.story li { margin: 3px 0; overflow-wrap: anywhere; }
ol.story button { text-align: left; vertical-align: top; border: 0; border-left: 3px solid var(--line); border-radius: 0; padding: 2px 8px; background: none; width: 100%; overflow-wrap: anywhere; }
ol.story button:hover { background: var(--soft); } ol.story button[aria-current] { border-left-color: var(--follow); background: var(--soft); font-weight: 600; }
.side .figures { margin: 0; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 8px; } .side .figure { padding: 8px 10px; } .side .figure .value { font-size: 1.2rem; }
.evidence h3 button { border: 0; padding: 0; background: none; font-weight: 600; text-align: left; color: var(--bad); text-decoration: underline; }
.evidence tr.differs td { color: var(--bad); font-weight: 600; } .evidence td, .evidence th { text-align: left; padding: 2px 8px 2px 0; white-space: normal; overflow-wrap: anywhere; } .evidence th { white-space: nowrap; }
.cause-line { color: var(--ink); margin: 2px 0 0; max-width: 110ch; overflow-wrap: anywhere; }
.cause ol { margin: 4px 0; padding-left: 24px; } .cause li { overflow-wrap: anywhere; max-width: 90ch; }
.sticky { position: sticky; top: 0; background: var(--bg); z-index: 2; padding: 4px 0; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 0.84rem; color: var(--dim); margin: 4px 0; padding: 0; list-style: none; }
.legend i { display: inline-block; width: 22px; height: 9px; margin-right: 6px; vertical-align: middle; background: var(--swatch); }
.legend i.half { height: 5px; } .legend i.open { background: none; border: 2px solid var(--swatch); } .legend i.line { height: 0; background: none; border-top: 2px solid var(--swatch); }
.legend i.dash { height: 0; background: none; border-top: 2px dashed var(--swatch); }
#details dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 6px 0; font-size: 0.92rem; }
#details dt { color: var(--dim); } #details dd { margin: 0; overflow-wrap: anywhere; }
.spread { columns: 3 260px; padding-left: 26px; font-size: 0.9rem; } .spread li { break-inside: avoid; margin: 1px 0; overflow-wrap: anywhere; } .spread button { padding: 0 6px; font-variant-numeric: tabular-nums; }
.actions { display: flex; flex-wrap: wrap; gap: 6px; }
#tip { position: fixed; z-index: 5; max-width: min(560px, 92vw); background: var(--ink); color: var(--bg); padding: 4px 8px; border-radius: 5px; font-size: 0.84rem; pointer-events: none; overflow-wrap: anywhere; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 14px; }
.plot { min-width: 0; overflow: hidden; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.92rem; }
th, td { text-align: right; padding: 4px 12px; border-bottom: 1px solid var(--line); } th:first-child, td:first-child { text-align: left; padding-left: 0; }
th { font-weight: 600; color: var(--dim); white-space: nowrap; }
details > summary { cursor: pointer; padding: 4px 0; } ul.notes { padding-left: 20px; color: var(--dim); max-width: 90ch; }
footer { color: var(--dim); font-size: 0.85rem; padding: 30px 0; }
kbd { border: 1px solid var(--dim); border-radius: 4px; padding: 0 5px; font-size: 0.8rem; }
@media (max-width: 640px) {
  main, header.page { padding: 0 12px; } h1 { font-size: 1.2rem; } .verdict .mark { width: 40px; height: 40px; font-size: 22px; }
  .figures { grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); gap: 8px; } .figure { padding: 8px 10px; } .figure .value { font-size: 1.2rem; }
  th, td { padding: 4px 7px; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print {
  :root {
    color-scheme: light;
    --bg: #fff; --card: #fff; --ink: #1b2130; --dim: #566070; --line: #d8dce2;
    --ok: #0072b2; --fail: #a95000; --info: #8a3d78; --good: #00614c; --bad: #b3261e; --unsure: #725400;
    --client: #6d7b8d; --follow: #c2185b; --fault: #c77700; --soft: #eef1f4;
  }
  body { background: #fff; font-size: 11pt; } .card, .figure, .diagram, .plot { break-inside: avoid; }
  .no-print, .bar-row, #types, #details, button { display: none !important; } .sticky { position: static; }
}
`;
