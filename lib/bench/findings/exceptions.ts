/**
 * Exceptions in a program's stderr, in the formats of common language runtimes.
 *
 * Tested by `tests/bench/findings/node_output_test.ts`.
 */

/** An exception that ended a program or that the program logged. */
export interface ReportedException {
  readonly language: string;
  /** Kind and message of the exception. */
  readonly error: string;
  /** Source location in the program's own code, if the report has one. */
  readonly frame?: string;
}

/** A parser for one runtime's format. Returns the last reported exception and its line number. */
type Form = (lines: readonly string[]) => (ReportedException & { readonly line: number }) | undefined;

/** Returns the last exception reported in a text, if any. */
export function exceptionIn(text: string): ReportedException | undefined {
  const lines = text.split(/\r?\n/);
  const found = FORMS.map((form) => form(lines)).filter((each) => each !== undefined);
  const last = found.sort((a, b) => a.line - b.line).at(-1);
  if (last === undefined) return undefined;
  const { language, error, frame } = last;
  return { language, error, ...(frame === undefined ? {} : { frame }) };
}

const python: Form = (lines) => {
  const at = lines.findLastIndex((line) => /^\s*File ".+", line \d+/.test(line));
  if (at < 0) return undefined;
  const error = lines.findIndex((line, i) => i > at && /^[\w.]+(: .*)?$/.test(line) && line !== "");
  if (error < 0) return undefined;
  const [, file, number, name] = /File "(.+)", line (\d+)(?:, in (.+))?/.exec(lines[at] ?? "") ?? [];
  const where = `${file}, line ${number}${name === undefined || name === "<module>" ? "" : `, in ${name}`}`;
  return { language: "Python", error: lines[error] ?? "", frame: where, line: error };
};

const go: Form = (lines) => {
  const at = lines.findLastIndex((line) => /^(panic|fatal error): /.test(line));
  if (at < 0) return undefined;
  const frame = lines.slice(at).find((line) =>
    /^\s+\S+\.go:\d+/.test(line) && !/\/(runtime|log)\/\w+\.go:/.test(line)
  );
  return {
    language: "Go",
    error: lines[at] ?? "",
    line: at,
    ...(frame === undefined ? {} : { frame: frame.trim().replace(/ \+0x[0-9a-f]+$/, "") }),
  };
};

const rust: Form = (lines) => {
  const at = lines.findLastIndex((line) => /^thread '.*'( \(\d+\))? panicked at /.test(line));
  if (at < 0) return undefined;
  const line = lines[at] ?? "";
  const [, quoted, place] = /panicked at (?:'(.*)', )?(.+?):?$/.exec(line) ?? [];
  return {
    language: "Rust",
    error: `panicked: ${quoted ?? lines[at + 1] ?? ""}`,
    line: at,
    ...(place === undefined ? {} : { frame: place }),
  };
};

/** Java, Kotlin, Clojure: `Exception in thread "main" java.lang.X: …`, then `\tat package.Class.method(File.java:12)`. */
const jvm: Form = (lines) => {
  const at = lines.findLastIndex((line) => /^(Exception in thread ".*" |Caused by: )/.test(line));
  if (at < 0) return undefined;
  const own = (line: string) => /^\s+at /.test(line) && !/at (java|jdk|kotlin|clojure|sun)[./]/.test(line);
  const frame = lines.slice(at).find(own);
  return {
    language: "JVM",
    error: (lines[at] ?? "").replace(/^(Exception in thread ".*?" |Caused by: )/, ""),
    line: at,
    ...(frame === undefined ? {} : { frame: frame.trim().replace(/^at /, "") }),
  };
};

/** Node.js, Deno, Bun: `TypeError: …`, then `    at f (file:1:2)`. */
const javaScript: Form = (lines) => {
  const at = lines.findLastIndex((line, i) =>
    /\b[\w$.]*(Error|Exception)\b(:|$)/.test(line) && /^\s+at .*:\d+:\d+\)?$/.test(lines[i + 1] ?? "")
  );
  if (at < 0) return undefined;
  const frame = lines.slice(at + 1).find((line) =>
    /^\s+at /.test(line) && !/(node:internal|ext:|deno:|\/lib\/(runtime|bench|protocol|sim)\/)/.test(line)
  );
  return {
    language: "JavaScript",
    error: (lines[at] ?? "").replace(/^.*?(?=\b[\w$.]*(?:Error|Exception)\b(?::|$))/, ""),
    line: at,
    ...(frame === undefined ? {} : { frame: frame.trim().replace(/^at (async )?/, "") }),
  };
};

/** `node.rb:3:in 'method': message (Class)`. */
const ruby: Form = (lines) => {
  const at = lines.findLastIndex((line) => /^\S+\.rb:\d+:in .+\(\w*(Error|Exception)\w*\)$/.test(line));
  if (at < 0) return undefined;
  const [, place, message, kind] = /^(\S+\.rb:\d+):in .+?: (.*) \((\w+)\)$/.exec(lines[at] ?? "") ?? [];
  if (place === undefined) return undefined;
  return { language: "Ruby", error: `${kind}: ${message}`, frame: place, line: at };
};

const FORMS: readonly Form[] = [python, go, rust, jvm, javaScript, ruby];
