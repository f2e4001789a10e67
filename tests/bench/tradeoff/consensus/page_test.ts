import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { answersOf } from "../../../../lib/bench/tradeoff/consensus/answers.ts";
import { consensusPage } from "../../../../lib/bench/tradeoff/consensus/page.ts";
import { consensusPlots } from "../../../../lib/bench/tradeoff/consensus/plot_specs.ts";
import { browserTest, endBrowser, LOOKS, ready, seriousViolations } from "../../report/browser.ts";
import { CONSENSUS_CONDITIONS, sampleMeasurements } from "./sample_consensus.ts";

Deno.test("each network has three plots: by conflicts, by place, and around a death", () => {
  const plots = consensusPlots(sampleMeasurements(), CONSENSUS_CONDITIONS);
  assertEquals([...plots].map(([name, of]) => [name, of.length]), [["uniform", 3], ["regions", 3]]);
  const [conflicts, places, death] = plots.get("regions") ?? [];
  assert(conflicts !== undefined && places !== undefined && death !== undefined);
  assertEquals(conflicts.series.map(({ label }) => label), [
    "Raft, median",
    "Raft, 99 %",
    "EPaxos, median",
    "EPaxos, 99 %",
  ]);
  assertEquals(conflicts.series.map(({ width }) => width), [3, 3, 1.5, 1.5]);
  assertEquals(conflicts.series[2]?.points, [[0, 200], [2, 202], [10, 210], [50, 250], [100, 300]]);
  assertEquals(places.xNames, ["Canada", "Ireland", "California", "Singapore", "São Paulo"]);
  assertEquals(places.series[0]?.points, [[0, 200], [1, 400], [2, 400], [3, 400], [4, 400]]);
  assertEquals(death.bounds.map(({ axis, at }) => [axis, at]), [["x", 2]]);
  assertEquals(death.series[0]?.points[10], [2.625, 0]);
});

Deno.test("a node without figures has no point", () => {
  const measurements = sampleMeasurements(["epaxos"]).map((each) => ({
    ...each,
    nodes: each.nodes.map((node, i) => node && i === 3 ? { ...node, medianMs: NaN } : node),
  }));
  const places = consensusPlots(measurements, CONSENSUS_CONDITIONS).get("uniform")?.[1];
  assertEquals(places?.series[0]?.points.map(([x]) => x), [0, 1, 2, 4]);
});

Deno.test("the sentences state the figures", () => {
  const answers = answersOf(sampleMeasurements(), CONSENSUS_CONDITIONS);
  assertEquals(answers.length, 8);
  assertStringIncludes(answers[0] ?? "", "a write takes 2 hops at the first node and 4 hops at the others");
  assertStringIncludes(answers[3] ?? "", "the median is 3 hops");
  assertStringIncludes(answers[5] ?? "", "200 ms in Canada");
  assertStringIncludes(answers[6] ?? "", "pause for 1\u202f500 ms, a single one for 1\u202f510 ms at most");
});

browserTest(
  "the page of engines shows plots and tables, in each look, without requests",
  async (open) => {
    const path = Deno.makeTempFileSync({ suffix: ".html" });
    try {
      const measurements = sampleMeasurements();
      const command = "charybdis tradeoff --consensus";
      Deno.writeTextFileSync(
        path,
        consensusPage({ conditions: CONSENSUS_CONDITIONS, measurements, command }),
      );
      for (const look of LOOKS) {
        const { page, complaints } = await open(`file://${path}`, look);
        await ready(page);
        assertEquals(await page.locator(".plot canvas").count(), 6);
        assertEquals(await page.locator(".scroll table").count(), 5);
        assertEquals(await page.locator(".scroll tbody tr").count(), 44);
        assertEquals(await seriousViolations(page), []);
        const overflow = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
        assertEquals(overflow, false, "the page fits the width of the window");
        assertEquals(complaints, []);
      }
    } finally {
      Deno.removeSync(path);
    }
  },
);

endBrowser();
