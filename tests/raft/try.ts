import { simulate } from "./simulation.ts";
const from = Number(Deno.args[0] ?? 1), to = Number(Deno.args[1] ?? 20);
const t = performance.now();
let ev = 0, com = 0, bad = 0, ops = 0, ans = 0, fl = 0;
for (let s = from; s <= to; s++) {
  let r;
  const t0 = performance.now();
  if (Deno.args[2]) console.log("seed", s);
  try {
    r = simulate(s);
  } catch (e) {
    console.log("seed", s, e);
    bad++;
    continue;
  }
  if (performance.now() - t0 > 1500) console.log("slow", s, r.events, performance.now() - t0);
  ev += r.events;
  com += r.committed;
  ops += r.operations;
  ans += r.answered;
  fl += r.faults;
  if (r.violation) {
    bad++;
    console.log("seed", s, r.violation);
  }
}
const ms = performance.now() - t;
console.log({
  bad,
  ev,
  com,
  ops,
  ans,
  fl,
  ms: Math.round(ms),
  perMin: Math.round((to - from + 1) / ms * 60000),
});
