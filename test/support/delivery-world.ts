import { afterAll, afterEach, expect } from "vitest";
import { type LocalPinterest, startLocalPinterest } from "#test/sandbox/local-pinterest.ts";
import { openTestDatabase } from "./database.ts";
import { openDelivery } from "./delivery-fixture.ts";
import { miscounts, testKeyring } from "./outbox-fixture.ts";

/** What each test begins with: nobody has sent anything yet. */
interface Fresh {
  pinterest: LocalPinterest;
  delivery: ReturnType<typeof openDelivery>;
}

/**
 * A database for a file of tests of delivery. `renew` empties the outbox and starts delivery to a
 * Pinterest of its own; after the test the counters are right, and both are closed.
 */
export async function openDeliveryWorld({ timeoutMs }: { timeoutMs?: number } = {}) {
  const db = await openTestDatabase();
  const keyring = testKeyring();
  let fresh: Fresh | undefined;
  afterAll(() => db.close());
  afterEach(async () => {
    expect(await miscounts(db)).toEqual([]);
    await fresh?.delivery.close();
    await fresh?.pinterest.close();
  });
  return {
    db,
    keyring,
    services: () => ({ db, keyring }),
    async renew(): Promise<Fresh> {
      await db.pool.query(
        "truncate event, event_payload, due_account, count_bucket, receipt, attempt",
      );
      const pinterest = await startLocalPinterest();
      const options = { db, keyring, pinterestUrl: pinterest.url };
      const delivery = openDelivery({ ...options, ...(timeoutMs !== undefined && { timeoutMs }) });
      fresh = { pinterest, delivery };
      return fresh;
    },
  };
}
