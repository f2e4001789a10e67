/** The style of the plots. Tested by `tests/bench/report/browser_test.ts`. */

/** The CSS rules for uPlot's elements, in this page's colors. */
export const UPLOT_STYLE = `
.uplot, .uplot *, .uplot *::before, .uplot *::after { box-sizing: border-box; }
.uplot { font: inherit; line-height: 1.4; width: min-content; max-width: 100%; }
.u-title { text-align: center; }
.u-wrap { position: relative; user-select: none; }
.u-over, .u-under { position: absolute; }
.u-under { overflow: hidden; }
.uplot canvas { display: block; position: relative; width: 100%; height: 100%; }
.u-axis { position: absolute; }
.u-legend { margin: 2px auto; text-align: center; font-size: 0.85em; }
.u-legend > * { display: inline-block; }
.u-legend th { font-weight: 600; padding: 2px 4px; }
.u-legend td { padding: 2px 4px; min-width: 5.5em; text-align: left; font-variant-numeric: tabular-nums; }
.u-legend th > * { vertical-align: middle; display: inline-block; }
.u-legend .u-marker { width: 1em; height: 1em; margin-right: 4px; background-clip: padding-box !important; }
.u-inline { display: block; } .u-inline * { display: inline-block; } .u-inline tr { margin-right: 12px; }
.u-legend th, .u-legend td { border: 0; color: inherit; white-space: nowrap; }
.u-inline.u-live th::after { content: ":"; vertical-align: middle; }
.u-series th { cursor: pointer; }
.u-legend .u-off > * { opacity: 0.4; }
.u-select { background: var(--ok); opacity: 0.15; position: absolute; pointer-events: none; }
.u-cursor-x, .u-cursor-y { position: absolute; left: 0; top: 0; pointer-events: none; }
.u-hz .u-cursor-x { height: 100%; border-right: 1px dashed var(--dim); }
.u-hz .u-cursor-y { width: 100%; border-bottom: 1px dashed var(--dim); }
.u-cursor-pt { position: absolute; top: 0; left: 0; border-radius: 50%; border: 0 solid; pointer-events: none; background-clip: padding-box !important; }
.u-off, .u-axis.u-off, .u-select.u-off, .u-cursor-x.u-off, .u-cursor-y.u-off, .u-cursor-pt.u-off { display: none; }
`;
