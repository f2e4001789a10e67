/** The bench as `deno run` starts it from source. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { folderTest } from "../../folder.ts";

const MAP = new URL("../../../.make/std/import_map.json", import.meta.url);
const MAIN = new URL("../../../lib/bench/main.ts", import.meta.url);

folderTest(
  "from source, check loads what its report needs, and explains an incomplete check",
  async (directory) => {
    const history = [
      { process: 0, type: "invoke", f: "send", value: [["send", "k", 1]] },
      { process: 0, type: "ok", f: "send", value: [["send", "k", [0, 1]]] },
      { process: 1, type: "invoke", f: "poll", value: [["poll"]] },
      { process: 1, type: "ok", f: "poll", value: [["poll", { k: [[0, 1]], empty: [] }]] },
    ].map((event, index) => JSON.stringify({ index, time: index * 1_000_000, ...event }));
    Deno.writeTextFileSync(`${directory}/history.jsonl`, history.join("\n"));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--allow-all", "--quiet", "--no-check", `--import-map=${MAP}`],
        ...[MAIN.href, "check", `${directory}/history.jsonl`, "-w", "kafka"],
      ],
      env: { NO_COLOR: "1" },
    }).output();
    const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assertEquals([code, errors], [2, ""]);
    assertStringIncludes(text ?? "", "key: empty");
  },
);
