/**
 * Serves a store to a browser: pages, reports, files, events. No request changes anything.
 *
 * Tested by `tests/bench/report/serve_test.ts`.
 */

import { reasonOf } from "../../errors.ts";
import { reportPolicy } from "../html/report_scripts.ts";
import { makeReport } from "../report.ts";
import { readRun } from "../../store/run_record.ts";
import { liveEvents } from "./live.ts";
import { runFile, runFiles, runFolder, type RunName, runName } from "../../store/paths.ts";
import { StoreIndex } from "../../store/index.ts";
import { comparePage, filesPage, linkToStore, listPage, livePageOf, problemPage } from "./store_pages.ts";
import { servePolicy } from "./serve_scripts.ts";
import { trendsPageOf } from "./trends.ts";

/** Host names of this machine. Any other name belongs to a foreign site that resolves to this machine. */
const OWN_HOSTS: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Returns the handler of a store's requests. */
export function storeHandler(store: string): (request: Request) => Promise<Response> {
  const index = new StoreIndex(store);
  return async (request) => {
    // An unparsable address, or an empty Host header, which newer releases of Deno replace, comes from no local browser.
    const url = addressOf(request);
    if (url === null || request.headers.get("host") === "" || !OWN_HOSTS.has(url.hostname)) {
      return problem(403, "Forbidden", "This server accepts requests from localhost only.");
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      return problem(405, "Method not allowed", "This server is read-only. Use GET.");
    }
    try {
      return await answer(url, { store, index });
    } catch (error) {
      return problem(500, "This run cannot be shown", reasonOf(error));
    }
  };
}

function addressOf(request: Request): URL | null {
  try {
    return URL.parse(request.url);
  } catch {
    return null; // Deno cannot build a URL, for example from an empty Host header
  }
}

async function answer(
  { pathname, searchParams }: URL,
  { store, index }: { readonly store: string; readonly index: StoreIndex },
): Promise<Response> {
  if (pathname === "/") {
    const asked = (name: string) => searchParams.get(name) ?? "";
    return html(
      listPage(index.list(), { workload: asked("workload"), valid: asked("valid"), text: asked("text") }),
    );
  }
  if (pathname === "/trends") return html(trendsPageOf(index.list()));
  if (pathname === "/compare") return compare(searchParams, { store, index });
  const [, kind = "", workload = "", time = "", file = ""] =
    /^\/(run|files|live|events)\/([^/]+)\/([^/]+)(?:\/(.*))?$/.exec(pathname) ?? [];
  const run = runName(`${decoded(workload)}/${decoded(time)}`);
  const folder = run === undefined ? undefined : runFolder(store, run);
  if (run === undefined || folder === undefined) {
    return problem(404, "Not found", "The store does not contain this run.");
  }
  if (kind === "files") return html(filesPage(run, runFiles(store, run)));
  if (kind === "live") return html(livePageOf(run));
  if (kind === "events") {
    return new Response(liveEvents(folder), {
      headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
    });
  }
  return file === "" || file === "report.html"
    ? await report(store, { run, folder })
    : fileOf(store, { run, file: decoded(file) });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}

function compare(
  params: URLSearchParams,
  { store, index }: { readonly store: string; readonly index: StoreIndex },
): Response {
  const [a, b] = ["a", "b"].map((side) => {
    const name = runName(params.get(side) ?? "");
    return name === undefined || runFolder(store, name) === undefined ? undefined : index.summary(name);
  });
  if (a === undefined || b === undefined) {
    return problem(404, "Two runs required", "Choose one run as a and one as b.");
  }
  return html(comparePage(a, b));
}

/** Returns the written report, or a new one. Its policy allows only the scripts of this version's reports. */
async function report(
  store: string,
  { run, folder }: { readonly run: RunName; readonly folder: string },
): Promise<Response> {
  const policy = reportPolicy();
  const written = runFile(store, { run, file: "report.html" });
  const known = written === undefined ? undefined : await Deno.readTextFile(written.path);
  // A report of another version has other scripts, which must not run here.
  const text = known?.includes(policy.replaceAll("'", "&#39;")) || known?.includes(policy)
    ? known
    : await makeReport(readRun(folder));
  return new Response(text.replace(/<body[^>]*>/, (body) => body + linkToStore(run)), {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `${policy}; frame-ancestors 'self'`,
      "x-content-type-options": "nosniff",
    },
  });
}

async function fileOf(
  store: string,
  asked: { readonly run: RunName; readonly file: string },
): Promise<Response> {
  const found = runFile(store, asked);
  if (found === undefined) return problem(404, "Not found", "This run does not have this file.");
  const file = await Deno.open(found.path);
  return new Response(file.readable, {
    headers: { "content-type": found.type, "x-content-type-options": "nosniff" },
  });
}

function html(text: string, status = 200): Response {
  return new Response(text, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": servePolicy(),
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    },
  });
}

function problem(status: number, title: string, text: string): Response {
  return html(problemPage(title, text), status);
}
