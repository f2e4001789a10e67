/** Shows the report of a run in a frame. Tested by `tests/bench/playground/page_test.ts`. */

/// <reference lib="dom" />

import { byId, type ReportHandle } from "../../report/browser/start.ts";
import { PAGE_IDS } from "../page_data.ts";

/** A moment of a report, and how it is played. */
export interface Moment {
  readonly timeUs: number;
  /** Absent for the report's own. */
  readonly player?: {
    readonly isPlaying: boolean;
    readonly speed: number;
    /** The position to which the page is scrolled, in px. */
    readonly scrolled: number;
  };
}

/** The number of levels of speed, at most. */
const SPEED_LEVELS_MAX = 32;

/** Returns true for the event of a report. Its class is that of the frame, so `instanceof` fails. */
function isReportEvent(event: Event): event is CustomEvent<ReportHandle> {
  return "detail" in event;
}

/** The frame of the report. */
export class ReportFrame {
  readonly #frame: HTMLIFrameElement;
  #handle: ReportHandle | undefined;

  /** `opened` receives the active parts of each report. */
  constructor(opened: (handle: ReportHandle) => void) {
    const frame = byId("report");
    if (!(frame instanceof HTMLIFrameElement)) throw new Error("#report is not a frame");
    this.#frame = frame;
    frame.addEventListener("report", (event) => {
      if (!isReportEvent(event)) return;
      this.#handle = event.detail;
      opened(event.detail);
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

  /** The moment that the report shows. */
  get moment(): Moment | undefined {
    const { run, player } = this.#handle ?? {};
    if (run === undefined || player === undefined) return undefined;
    const { isPlaying, speed } = player;
    const scrolled = this.document?.defaultView?.scrollY ?? 0;
    return { timeUs: run.cursor.time, player: { isPlaying, speed, scrolled } };
  }

  /** Moves the report to a moment. */
  moveTo({ timeUs, player: before }: Moment): void {
    const { run, player } = this.#handle ?? {};
    run?.cursor.moveTo(timeUs);
    run?.window.center(timeUs);
    if (before === undefined || player === undefined) return;
    for (let i = 0; i < SPEED_LEVELS_MAX && player.speed !== before.speed; i++) {
      player.changeSpeed(player.speed < before.speed ? 1 : -1);
    }
    this.document?.defaultView?.scrollTo(0, before.scrolled);
    if (before.isPlaying) player.toggle();
  }

  /** Shows a page, with the scripts of reports. */
  show(html: string): void {
    const scripts = [PAGE_IDS.plots, PAGE_IDS.report].map((id) => `<script>${byId(id).textContent}</script>`);
    const at = html.lastIndexOf("</body>");
    this.#handle = undefined;
    this.#frame.hidden = false;
    this.#frame.srcdoc = `${html.slice(0, at)}${scripts.join("")}${html.slice(at)}`;
  }

  hide(): void {
    this.#handle = undefined;
    this.#frame.hidden = true;
    byId("hands").hidden = true;
  }
}
