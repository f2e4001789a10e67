/** A bank that is wrong: each balance is a value of its own, so that a read may see half of a transfer. */

import { CODE, type Node, RpcError, serve } from "@charybdis/charybdis";
import { kvClient } from "@charybdis/charybdis/clients";

const ACCOUNTS = [0, 1, 2, 3, 4];
const INITIAL = 20;

export function bank(node: Node): void {
  const store = kvClient(node, { service: "lin-kv" });
  const read = async (account: number) => Number(await store.read(account) ?? INITIAL);
  const add = async (account: number, amount: number) => {
    for (;;) {
      const from = await read(account);
      if (from + amount < 0) throw new RpcError(CODE.preconditionFailed, "the balance is too small");
      if (await store.cas(account, { from, to: from + amount, create: true })) return;
    }
  };
  node.on("balances", async () => ({ balances: await Promise.all(ACCOUNTS.map(read)) }));
  node.on("transfer", async ({ from, to, amount }) => {
    await add(Number(from), -Number(amount));
    await add(Number(to), Number(amount));
    return {};
  });
}

if (import.meta.main) await serve(bank);
