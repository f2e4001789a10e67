/** Sorts a table by a click on a column's head. Runs in a browser. Tested by `tests/bench/grade/pages_test.ts`. */

/** Makes the columns of each table with the class `sortable` sort its rows, and again in the other direction. */
export function sortTables(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>("table.sortable")) {
    for (const [column, head] of [...table.querySelectorAll("th[scope=col]")].entries()) {
      head.querySelector("button")?.addEventListener("click", () => sortBy(table, column));
    }
  }
}

/** Sorts the rows of a table by one column: numbers by value, texts by letter. */
export function sortBy(table: HTMLTableElement, column: number): void {
  const heads = [...table.querySelectorAll("th[scope=col]")];
  const direction = heads[column]?.getAttribute("aria-sort") === "descending" ? 1 : -1;
  for (const head of heads) head.removeAttribute("aria-sort");
  heads[column]?.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
  const body = table.tBodies[0];
  const keyOf = (row: Element) =>
    row.children[column]?.getAttribute("data-key") ?? row.children[column]?.textContent ?? "";
  const rows = Array.from(body?.rows ?? []).map((row) => ({ row, key: keyOf(row) }));
  rows.sort((a, b) => {
    const [x, y] = [Number(a.key), Number(b.key)];
    const both = a.key !== "" && b.key !== "" && Number.isFinite(x) && Number.isFinite(y);
    return direction * (both ? x - y : a.key.localeCompare(b.key));
  });
  body?.append(...rows.map(({ row }) => row));
}
