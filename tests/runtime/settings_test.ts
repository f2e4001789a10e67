import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  ArgumentError,
  choice,
  custom,
  describeSettings,
  flag,
  kebab,
  list,
  nearest,
  number,
  parseSettings,
  text,
  wrap,
} from "../../lib/runtime/settings.ts";

const settings = {
  intervalMs: number(100, { description: "How long a batch waits.", min: 1, max: 60_000, whole: true }),
  fraction: number(0.5, { description: "A part.", min: 0, max: 1 }),
  topology: choice("hub", { description: "Who sends to whom.", options: ["hub", "direct", "given"] }),
  eager: flag(true, { description: "Whether to send at once." }),
  quiet: flag(false, { description: "Whether to say nothing." }),
  data: text({ syntax: "DIR", description: "Where to keep state." }),
  peers: list<string>([], {
    syntax: "ID,…",
    description: "Whom to ask.",
    parse: (item) => item === "" ? undefined : item,
  }),
  at: custom({
    syntax: "DATE",
    description: "When.",
    parse: (given) => /^\d+-\d+$/.test(given) ? given : undefined,
  }),
};

const DEFAULTS = {
  intervalMs: 100,
  fraction: 0.5,
  topology: "hub",
  eager: true,
  quiet: false,
  data: undefined,
  peers: [],
  at: undefined,
};

Deno.test("a setting that is not given has its default", () => {
  assertEquals(parseSettings(settings, []), { ...DEFAULTS, topology: "hub" as const });
});

Deno.test("a setting is given in kebab case, with a space or =, and the last one counts", () => {
  const values = parseSettings(settings, [
    "--interval-ms",
    "20",
    "--fraction=0.25",
    "--topology",
    "direct",
    "--no-eager",
    "--quiet",
    "--data=/tmp/x y",
    "--peers=n1, n2",
    "--interval-ms=30",
  ]);
  assertEquals(values, {
    intervalMs: 30,
    fraction: 0.25,
    topology: "direct",
    eager: false,
    quiet: true,
    data: "/tmp/x y",
    peers: ["n1", "n2"],
    at: undefined,
  });
});

Deno.test("a malformed or out-of-range value is refused with the expected syntax", () => {
  const refused: ReadonlyArray<readonly [args: string[], message: string]> = [
    [["--interval-ms", "0"], "--interval-ms must be 1…60000, but is 0"],
    [["--interval-ms", "1.5"], "--interval-ms must be a whole number, 1…60000, but is 1.5"],
    [["--interval-ms", "soon"], "--interval-ms must be 1…60000, but is soon"],
    [["--interval-ms", "1e9"], "--interval-ms must be 1…60000, but is 1e9"],
    [["--interval-ms", "0x10"], "--interval-ms must be 1…60000, but is 0x10"],
    [["--interval-ms", "NaN"], "--interval-ms must be 1…60000, but is NaN"],
    [["--interval-ms"], "--interval-ms needs a value: 1…60000"],
    [["--interval-ms", "--quiet"], "--interval-ms needs a value: 1…60000"],
    [["--topology", "hbu"], "--topology must be hub|direct|given, but is hbu (did you mean hub?)"],
    [["--topology", "zzzzzz"], "--topology must be hub|direct|given, but is zzzzzz"],
    [["--data="], "--data needs a value: DIR"],
    [["--peers=a,,b"], "--peers must be ID,…, but is a,,b"],
    [["--at", "now"], "--at must be DATE, but is now"],
    [["--inteval-ms", "5"], "unknown option --inteval-ms: did you mean --interval-ms?"],
    [["--no-topology"], "unknown option --no-topology: did you mean --topology?"],
    [["-x"], "unknown option -x: one of --interval-ms, --fraction"],
    [["word"], "unexpected argument: word"],
    [["--", "--word"], "unexpected argument: --word"],
  ];
  for (const [args, message] of refused) {
    const error = assertThrows(() => parseSettings(settings, args), ArgumentError);
    assertEquals(error.message.slice(0, message.length), message);
  }
});

Deno.test("a comma at the end of a list is ignored", () => {
  assertEquals(parseSettings(settings, ["--peers=a,b,"]).peers, ["a", "b"]);
});

Deno.test("positional arguments are collected if requested", () => {
  const positional: string[] = [];
  parseSettings(settings, ["a", "--quiet", "b"], { positional });
  assertEquals(positional, ["a", "b"]);
});

Deno.test("an alias sets its setting", () => {
  assertEquals(parseSettings(settings, ["-t", "given"], { alias: { t: "topology" } }).topology, "given");
  assertEquals(parseSettings(settings, ["-t=given"], { alias: { t: "topology" } }).topology, "given");
});

Deno.test("a value may follow the letter of an alias directly", () => {
  const alias = { t: "topology" };
  assertEquals(parseSettings(settings, ["-tgiven"], { alias }).topology, "given");
  assertThrows(() => parseSettings(settings, ["-x1"], { alias }), ArgumentError, "unknown option");
  const positional: string[] = [];
  assertEquals(parseSettings(settings, ["--", "-tgiven"], { alias, positional }).topology, "hub");
  assertEquals(positional, ["-tgiven"]);
});

Deno.test("the nearest name is suggested, or none if no name is near", () => {
  const names = [
    "--help",
    "--version",
    "--rate",
    "--latency",
    "--latency-dist",
    "--time-limit",
    "--node-count",
  ];
  assertEquals(nearest("--hlep", names), "--help");
  assertEquals(nearest("--ratee", names), "--rate");
  assertEquals(nearest("--time", names), "--time-limit");
  assertEquals(nearest("--nodecount", names), "--node-count");
  assertEquals(nearest("--latency-dits", names), "--latency-dist");
  assertEquals(nearest("completely-different", names), undefined);
  assertEquals(nearest("--frob", ["--run", "--json"]), undefined); // alike in their dashes alone
  assertEquals(nearest("x", []), undefined);
});

Deno.test("kebab converts a key to kebab case", () => {
  assertEquals(["rate", "maxLatencyMs", "keyCount"].map(kebab), ["rate", "max-latency-ms", "key-count"]);
});

Deno.test("help shows each setting with its syntax, description and default, within the width", () => {
  const help = describeSettings(settings, 60);
  for (const line of help.split("\n")) assert(line.length <= 60, line);
  assertMatch(help, /--interval-ms 1…60000 +How long a batch waits\. *\n? *Default: 100\./);
  assertMatch(help, /--topology hub\|direct\|given/);
  assertMatch(help, /--eager +Whether to send at once\./);
  assertMatch(help, /--data DIR +Where to keep state\.(\n|$)/);
});

Deno.test("text is wrapped at spaces, and a long word has its own line", () => {
  assertEquals(wrap("a bb ccc dddd", 5), ["a bb", "ccc", "dddd"]);
  assertEquals(wrap("abcdefgh ij", 4), ["abcdefgh", "ij"]);
  assertEquals(wrap("", 10), [""]);
});

Deno.test("the help of a flag that is on shows how to turn it off", () => {
  const text = describeSettings({
    lease: flag(true, { description: "Reads under a lease." }),
    quiet: flag(false, { description: "Says less." }),
  });
  assertEquals(text.split("\n"), [
    "  --lease  Reads under a lease. On by default; --no-lease turns it off.",
    "  --quiet  Says less.",
  ]);
});

Deno.test("a lone dash is a value", () => {
  const declared = { out: text({ syntax: "FILE", description: "Output." }) };
  assertEquals(parseSettings(declared, ["--out", "-"]).out, "-");
  assertThrows(() => parseSettings(declared, ["--out", "-", "-"]), ArgumentError, "unexpected argument: -");
});
