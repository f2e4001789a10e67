/** Shows the report of a run in a frame. Tested by `tests/bench/playground/page_test.ts`. */

/// <reference lib="dom" />

import { byId, type ReportHandle } from "../../report/browser/start.ts";
import { PAGE_IDS } from "../page_data.ts";

/** The frame of the report. */
export class ReportFrame {
  readonly #frame: HTMLIFrameElement;

  /** `opened` receives the active parts of each report. */
  constructor(opened: (handle: ReportHandle) => void) {
    const frame = byId("report");
    if (!(frame instanceof HTMLIFrameElement)) throw new Error("#report is not a frame");
    this.#frame = frame;
    frame.addEventListener("report", (event) => {
      if (event instanceof CustomEvent) opened(event.detail);
    });
  }

  /** The document of the report. */
  get document(): Document | undefined {
    return this.#frame.contentDocument ?? undefined;
  }

  /** The position of the frame in the page. */
  get box(): DOMRect {
    return this.#frame.getBoundingClientRect();
  }

  /** Shows a page, with the scripts of reports. */
  show(html: string): void {
    const scripts = [PAGE_IDS.plots, PAGE_IDS.report].map((id) => `<script>${byId(id).textContent}</script>`);
    const at = html.lastIndexOf("</body>");
    this.#frame.hidden = false;
    this.#frame.srcdoc = `${html.slice(0, at)}${scripts.join("")}${html.slice(at)}`;
  }

  hide(): void {
    this.#frame.hidden = true;
  }
}
