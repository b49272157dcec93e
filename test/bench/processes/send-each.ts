// Delivery without batches: the app's leases, payloads, requests and settling, one event to a
// request, as relays do that keep a job per event. Sends until nothing is due, and says so.
import { createDeliveryMetrics } from "#app/delivery/delivery-metrics.server.ts";
import { createPinterestBreaker } from "#app/delivery/pinterest-breaker.server.ts";
import { settleOutcomes } from "#app/delivery/plan-settlements.server.ts";
import { sendBatch } from "#app/delivery/send-batch.server.ts";
import { claimAccounts, type Lease } from "#app/outbox/drain/claim-accounts.server.ts";
import { type DueEvent, readDueEvents } from "#app/outbox/drain/read-due-events.server.ts";
import { settleBatch } from "#app/outbox/drain/settle-batch.server.ts";
import { createPinterestClient } from "#app/pinterest/client.server.ts";
import { openDatabase } from "#app/platform/db.server.ts";
import { parseEnv } from "#app/platform/env/env.server.ts";
import { createKeyring } from "#app/platform/keyring.server.ts";
import { createRegistry } from "#app/platform/metrics.server.ts";
import { readSendingConnections } from "#app/shops/connection/read-connection.server.ts";
import { IN_FLIGHT_ONE_BY_ONE, SHOPS } from "../sizes.ts";
import { createGate } from "./gate.ts";

const config = parseEnv(process.env);
const db = await openDatabase(config);
const pinterest = createPinterestClient({ apiUrl: config.PINTEREST_API_URL });
const keyring = createKeyring(config.ENCRYPTION_KEYS);
const gate = createGate(IN_FLIGHT_ONE_BY_ONE);
const sender = {
  pinterest,
  breaker: createPinterestBreaker(),
  metrics: createDeliveryMetrics(createRegistry()),
  nowMs: Date.now,
};

async function sendOne(lease: Lease, token: string, event: DueEvent): Promise<void> {
  const target = { adAccountId: lease.adAccountId, token, shopId: event.shopId };
  const sent = await sendBatch(sender, target, [event]);
  if (sent?.verdict.kind !== "outcomes") throw new Error("the local Pinterest is unwell");
  const { attempt, verdict } = sent;
  const settlements = settleOutcomes([event], verdict.outcomes, Math.random);
  await settleBatch({ db }, lease, { attempt, settlements, release: null });
}

/** Everything due of one ad account, a read of up to 1,000 at a time. */
async function sendAccount(lease: Lease): Promise<void> {
  for (;;) {
    const { due } = await readDueEvents({ db, keyring }, lease);
    if (due.length === 0) return;
    const shopIds = [...new Set(due.map(({ shopId }) => shopId))];
    const connections = await readSendingConnections({ db, keyring }, shopIds);
    await Promise.all(
      due.map((event) => {
        const token = connections.get(event.shopId)?.token ?? "";
        return gate(() => sendOne(lease, token, event));
      }),
    );
  }
}

process.on("disconnect", () => process.exit());
process.on("message", async () => {
  const leases = await claimAccounts({ db }, SHOPS);
  await Promise.all(leases.map(sendAccount));
  process.send?.("done");
});
process.send?.("ready");
