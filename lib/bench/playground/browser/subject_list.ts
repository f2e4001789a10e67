/** The list of the page's subjects. Tested by `tests/bench/playground/lesson_test.ts`. */

/// <reference lib="dom" />

import { subjectNames } from "./subject.ts";

/** Returns the options of the list, in groups. */
export function listOfSubjects(): readonly HTMLElement[] {
  const { nodes, lessons } = subjectNames();
  const groups = [["Nodes of this project", nodes], ["Lessons", lessons]] as const;
  return groups.map(([label, entries]) => {
    const group = document.createElement("optgroup");
    group.label = label;
    for (const [value, name] of entries) group.append(new Option(name, value));
    return group;
  });
}
