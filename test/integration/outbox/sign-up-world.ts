import { afterAll, afterEach, expect } from "vitest";
import { changeSettings } from "#app/shops/settings/change-settings.server.ts";
import { openTestDatabase, type TestDatabase } from "#test/support/database.ts";
import { makeShop, miscounts, readStates, testKeyring } from "#test/support/outbox-fixture.ts";
import { openStoring } from "#test/support/storing-fixture.ts";
import { type Body, fixture } from "#test/unit/mapping/web-order.ts";

export type Shop = Awaited<ReturnType<typeof makeShop>>;

export const agoMinutes = (minutes: number) =>
  new Date(Date.now() - minutes * 60_000).toISOString();

/**
 * A database for a file of tests, shops in it, and the new customer 7001 of each. After each test the
 * counters are right; after the last the database is closed.
 */
export async function openSignUpWorld() {
  const db: TestDatabase = await openTestDatabase();
  const keyring = testKeyring();
  afterAll(() => db.close());
  afterEach(async () => {
    expect(await miscounts(db)).toEqual([]);
  });
  const storing = openStoring({ db, keyring });
  return {
    db,
    keyring,
    ...storing,
    async newShop(settings: Record<string, string> = {}): Promise<Shop> {
      const shop = await makeShop({ db, keyring });
      if (Object.keys(settings).length > 0) {
        await changeSettings({ db }, { domain: shop.domain, changes: settings, actor: "test" });
      }
      return shop;
    },
    customer: (shop: Shop, changes: Body = {}) =>
      storing.webhook(shop, "customers/create", {
        ...fixture("2026-07.customers_create"),
        id: 7001,
        email: "guest@example.com",
        created_at: agoMinutes(1),
        default_address: { country_code: "US" },
        ...changes,
      }),
    async signUpOf(shop: Shop): Promise<string | null> {
      const states = await readStates(db, shop.id);
      const found = states.find(({ event_id }) => event_id === "customer-7001-signup");
      return found === undefined ? null : `${found.state}${found.reason ? `:${found.reason}` : ""}`;
    },
  };
}
