/**
 * Bundles the script of a page from the modules in `browser/`. Deno has already compiled the modules to JavaScript,
 * and a function's text is its source. So no build step is needed, and a compiled executable includes them. This
 * requires that every top-level item of these modules is exported, has a unique name, and is a function, a class, or
 * plain data.
 *
 * Tested by `tests/bench/report/page_script_test.ts`.
 */

import * as causality from "../browser/causality.ts";
import * as clusterStates from "../browser/cluster_states.ts";
import * as states from "../browser/states.ts";
import * as statesPanel from "../browser/states_panel.ts";
import * as story from "../browser/story.ts";
import * as cluster from "../browser/cluster.ts";
import * as clusterFaults from "../browser/cluster_faults.ts";
import * as clusterLayout from "../browser/cluster_layout.ts";
import * as cursor from "../browser/cursor.ts";
import * as faultScenes from "../browser/fault_scenes.ts";
import * as flights from "../browser/flights.ts";
import * as keys from "../browser/keys.ts";
import * as momentText from "../browser/moment_text.ts";
import * as playback from "../browser/playback.ts";
import * as player from "../browser/player.ts";
import * as runModel from "../browser/run_model.ts";
import * as timeFold from "../browser/time_fold.ts";
import * as typeGroups from "../browser/type_groups.ts";
import * as canvas from "../browser/pane.ts";
import * as details from "../browser/details.ts";
import * as follow from "../browser/follow.ts";
import * as overview from "../browser/overview.ts";
import * as plots from "../browser/plots.ts";
import * as selection from "../browser/selection.ts";
import * as spaceTime from "../browser/space_time.ts";
import * as start from "../browser/start.ts";
import * as theme from "../browser/theme.ts";
import * as timeWindow from "../browser/time_window.ts";
import * as timeline from "../browser/timeline.ts";
import * as visible from "../browser/visible.ts";
import * as visibleText from "../browser/visible_text.ts";
import * as data from "../data/report_data.ts";

/** The modules of a report's page. Only constants depend on the order. */
export const REPORT_MODULES: readonly Readonly<Record<string, unknown>>[] = [
  data,
  cursor,
  timeFold,
  typeGroups,
  flights,
  faultScenes,
  playback,
  clusterLayout,
  clusterFaults,
  cluster,
  causality,
  states,
  clusterStates,
  runModel,
  momentText,
  keys,
  statesPanel,
  story,
  player,
  visible,
  visibleText,
  follow,
  timeWindow,
  selection,
  theme,
  canvas,
  timeline,
  spaceTime,
  overview,
  details,
  plots,
  start,
];

/** Returns the text of a script that contains the exports of these modules and then runs `main`. */
export function scriptOf(modules: readonly Readonly<Record<string, unknown>>[], main: string): string {
  const texts = modules.flatMap((exports) =>
    Object.entries(exports).map(([name, value]) =>
      typeof value === "function" ? String(value) : `const ${name} = ${JSON.stringify(value)};`
    )
  );
  return safeInScript(`"use strict";\n(() => {\n${texts.join("\n")}\n${main}\n})();`);
}

/** Escapes a script for a page, so that its text cannot end the script or start a comment. */
export function safeInScript(text: string): string {
  return text.replaceAll(/<(?=\/script|!--|script)/gi, "\\x3c");
}
