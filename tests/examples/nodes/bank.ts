/** A bank that is right: all balances are one value in the service lin-kv, which a compare-and-set replaces. */

import { CODE, type Node, RpcError, serve } from "@charybdis/charybdis";
import { kvClient } from "@charybdis/charybdis/clients";

const INITIAL = [20, 20, 20, 20, 20];

export function bank(node: Node): void {
  const store = kvClient(node, { service: "lin-kv" });
  const read = async () => {
    const balances = await store.read("balances");
    return Array.isArray(balances) ? balances.map(Number) : INITIAL;
  };
  node.on("balances", async () => ({ balances: await read() }));
  node.on("transfer", async ({ from, to, amount }) => {
    for (;;) {
      const balances = await read();
      const change = [...balances];
      change[Number(from)]! -= Number(amount);
      change[Number(to)]! += Number(amount);
      if (change[Number(from)]! < 0) throw new RpcError(CODE.preconditionFailed, "the balance is too small");
      if (await store.cas("balances", { from: balances, to: change, create: true })) return {};
    }
  });
}

if (import.meta.main) await serve(bank);
