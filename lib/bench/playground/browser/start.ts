/** Starts the playground's page. Tested by `tests/bench/playground/page_test.ts`. */

/// <reference lib="dom" />

import { byId } from "../../report/browser/start.ts";
import { PAGE_IDS, type PageData } from "../page_data.ts";
import { Playground } from "./playground.ts";

const data: PageData = JSON.parse(byId(PAGE_IDS.data).textContent ?? "");
new Playground(data).start();
