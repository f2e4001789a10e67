/** The style of the playground, in addition to that of all pages. Tested by `tests/bench/playground/page_test.ts`. */

/** The style. */
export const PLAY_STYLE = `
[hidden] { display: none !important; }
.play-head { display: flex; flex-wrap: wrap; gap: 8px 10px; align-items: center; padding: 8px 16px; border-bottom: 1px solid var(--line); background: var(--card); }
.play-head h1 { font-size: 1.05rem; margin-right: 8px; }
.play-head label { display: inline-flex; gap: 6px; align-items: center; font-size: 0.9rem; }
#subject { width: 210px; } #seed { width: 84px; }
button.primary { background: var(--ok); border-color: var(--ok); color: var(--card); font-weight: 600; padding: 4px 16px; }
button:disabled { opacity: 0.55; cursor: default; }
.play-main { max-width: none; padding: 0; }
.write, .see { padding: 12px 16px; min-width: 0; }
.small { font-size: 0.82rem; margin: 4px 0; }
#editor { border: 1px solid var(--line); border-radius: 6px; overflow: hidden; height: min(56vh, 640px); }
.write details { margin: 6px 0 10px; } .write summary { font-weight: 600; }
.option-grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 6px 14px; margin: 8px 0; }
.option-grid label { display: flex; flex-direction: column; font-size: 0.84rem; gap: 1px; }
.option-grid label:has([type=checkbox]) { flex-direction: row; align-items: center; gap: 6px; }
.option-grid input[type=text], .option-grid select { width: 100%; }
.faults { display: flex; flex-wrap: wrap; gap: 2px 14px; border: 0; padding: 0; margin: 6px 0; min-width: 0; }
.faults legend { float: left; padding: 0 8px 0 0; color: var(--dim); font-size: 0.9rem; }
.faults label { font-size: 0.88rem; display: inline-flex; gap: 4px; align-items: center; }
.tries h2 { margin: 0; font-size: 0.95rem; } .tries p { font-size: 0.9rem; }
.tries details { margin: 0; } .tries summary { font-weight: 400; font-size: 0.9rem; }
.tries ol { margin: 4px 0 0; padding-left: 20px; font-size: 0.9rem; } .tries li { margin: 3px 0; }
.tries li button { border: 0; background: none; padding: 0 2px; color: var(--ok); text-decoration: underline; text-align: left; vertical-align: top; }
.status { font-size: 0.92rem; margin: 0 0 8px; min-height: 1.5em; overflow-wrap: anywhere; max-width: none; }
.problem { border-left: 5px solid var(--bad); background: var(--card); padding: 8px 12px; margin: 0 0 8px; white-space: pre-wrap; overflow-wrap: anywhere; }
#hands, #sweep-result { margin: 0 0 8px; padding: 8px 12px; font-size: 0.9rem; }
#hands .bar-row { margin: 2px 0; } #hands ol { display: flex; flex-wrap: wrap; gap: 2px 16px; list-style: none; margin: 4px 0 0; padding: 0; } #hands li button { padding: 0 6px; }
#report { width: 100%; height: calc(100vh - 40px); border: 1px solid var(--line); border-radius: 6px; background: var(--bg); }
.hand-menu { position: fixed; z-index: 9; background: var(--card); border: 1px solid var(--line); border-radius: 8px; box-shadow: 0 4px 18px rgb(0 0 0 / 25%); padding: 4px; display: grid; min-width: 150px; }
.hand-menu strong { padding: 2px 10px; font-size: 0.84rem; color: var(--dim); }
.hand-menu button { border: 0; text-align: left; background: none; } .hand-menu button:hover, .hand-menu button:focus { background: var(--soft); }
@media (min-width: 1000px) {
  body.play { display: flex; flex-direction: column; height: 100vh; }
  .play-main { flex: 1; display: grid; grid-template-columns: minmax(380px, 38fr) 62fr; min-height: 0; width: 100%; }
  .write, .see { overflow-y: auto; } .write { border-right: 1px solid var(--line); }
  .see { display: flex; flex-direction: column; } .see > * { flex: none; } #report { flex: 1 0 420px; height: auto; }
}
@media (max-width: 640px) { .play-head { padding: 8px 12px; } .write, .see { padding: 8px 12px; } #report { height: 92vh; } }
`;
