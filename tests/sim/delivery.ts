/** An arriving message, for tests that deliver messages themselves. */

import type { Envelope } from "../../lib/sim/envelope.ts";
import { Delivery } from "../../lib/sim/message_router.ts";

/** Returns the delivery of a message. */
export function deliveryOf(message: Envelope): Delivery {
  return new Delivery(0, message, false);
}
