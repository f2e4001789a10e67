/** Connects the services to the world's messages. */

import type { Body, Message } from "../protocol/message.ts";
import type { Service } from "../sim/services.ts";
import type { World } from "../sim/world.ts";

/** Makes each service answer what is sent to its name. */
export function attachServices(world: World, services: ReadonlyMap<string, Service>): void {
  for (const [name, service] of services) {
    world.attach(name, ({ src, body }) => {
      if (body.in_reply_to !== undefined) return true;
      const reply: Body = {
        ...service(src, body),
        ...(body.msg_id === undefined ? {} : { in_reply_to: body.msg_id }),
      };
      const message: Message = { src: name, dest: src, body: reply };
      world.send(message, JSON.stringify(message));
      return true;
    });
  }
}
