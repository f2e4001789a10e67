/** A replicated register: the primary orders all writes, and tells its backups. This is the code of a user's own. */

import type { SimulatedProgram } from "@charybdis/charybdis/sim";

/** The messages between nodes and clients. */
export type Message =
  | { readonly kind: "write"; readonly id: number; readonly value: number }
  | { readonly kind: "read"; readonly id: number }
  | { readonly kind: "reply"; readonly id: number; readonly value: number | null }
  | { readonly kind: "copy"; readonly version: number; readonly value: number };

/** The nodes that read requests go to: the primary alone is right, any node is faster. */
export type ReadPolicy = "primary" | "any";

/** Returns the program of a node of the register. */
export function register(ids: readonly string[], policy: ReadPolicy): SimulatedProgram<Message> {
  return (node) => {
    const [primary = node.id] = ids;
    /** The ids of the writes so far: a duplicate that arrives late must not write again. */
    const written = new Set<number>();
    let version = 0;
    let value: number | null = null;
    return (message, from) => {
      switch (message.kind) {
        case "write":
          if (node.id !== primary || written.has(message.id)) return;
          written.add(message.id);
          version++;
          value = message.value;
          for (const peer of ids) if (peer !== primary) node.send(peer, { kind: "copy", version, value });
          return node.send(from, { kind: "reply", id: message.id, value });
        case "read":
          if (node.id !== primary && policy === "primary") return;
          return node.send(from, { kind: "reply", id: message.id, value });
        case "copy":
          if (message.version <= version) return;
          version = message.version;
          value = message.value;
      }
    };
  };
}
