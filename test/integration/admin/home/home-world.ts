import { type HomePage, readHome } from "#app/admin/home/read-home.server.ts";
import type { HomePeriod } from "#app/admin/home/texts.ts";
import { createFormatter, type Formatter } from "#app/admin/shell/formatter.server.ts";
import type { Status } from "#app/admin/shell/read-status.server.ts";
import { computeLane } from "#app/events/lane.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { connectAdAccount } from "#app/shops/connection/connect-ad-account.server.ts";
import { installShop } from "#app/shops/install-shop.server.ts";
import type { TestDatabase } from "#test/support/database.ts";
import { testKeyring } from "#test/support/outbox-fixture.ts";
import { type SeededEvent, seedEvents } from "#test/support/seed-events.ts";

export const SCOPES = ["read_orders", "read_customers"];
const DAY_MS = 24 * 60 * 60 * 1_000;

export interface HomeShop {
  id: bigint;
  domain: string;
  lane: number;
  adAccountId: string;
}

/** Shops whose first page is read as a member of their staff reads it. */
export interface HomeWorld {
  db: TestDatabase;
  keyring: Keyring;
  openShop(options?: { isConnected?: boolean; installedAt?: Date }): Promise<HomeShop>;
  seed(shop: HomeShop, events: readonly SeededEvent[]): Promise<void>;
  /** What Shopify counted on a day, asked now unless `askedAt` says otherwise. */
  count(shop: HomeShop, day: string, orders: number, askedAt?: Date): Promise<void>;
  format(zone?: { timeZone?: string; locale?: string; now?: Date }): Formatter;
  read(
    shop: HomeShop,
    period?: HomePeriod,
    format?: Formatter,
  ): Promise<{ status: Status; page: HomePage }>;
}

let shops = 0;

export function openHomeWorld(db: TestDatabase): HomeWorld {
  const keyring = testKeyring();
  const config = {
    SCOPES,
    PINTEREST_API_URL: "https://api.pinterest.com/v5",
    SHOPIFY_API_KEY: "home-key",
  };
  const format: HomeWorld["format"] = ({
    timeZone = "UTC",
    locale = "en-US",
    now = new Date(),
  } = {}) => createFormatter({ timeZone, locale, now });
  return {
    db,
    keyring,
    format,
    async openShop({ isConnected = true, installedAt = new Date(Date.now() - 60 * DAY_MS) } = {}) {
      shops += 1;
      const domain = `home-${shops}.myshopify.com`;
      const adAccountId = String(549_900_000_000 + shops);
      const { id } = await installShop(
        { db },
        { domain, at: installedAt, scopes: [...SCOPES, "write_pixels"] },
      );
      if (isConnected) {
        const connection = { domain, adAccountId, token: "pina_home_token", actor: "test" };
        await connectAdAccount({ db, keyring }, connection);
      }
      return { id, domain, lane: computeLane(domain), adAccountId };
    },
    seed: (shop, events) => seedEvents(db, shop, events),
    async count({ id }, day, orders, askedAt = new Date()) {
      await db.pool.query(
        `insert into order_count_day (shop_id, day, orders, asked_at) values ($1, $2, $3, $4)
          on conflict (shop_id, day) do update set orders = $3, asked_at = $4`,
        [id, day, orders, askedAt],
      );
    },
    read: (shop, period = "7", reader = format()) =>
      readHome({ db, keyring, config }, shop, period, reader),
  };
}

/** `days` back from now, at noon in UTC; today's is in the first quarter of an hour of the day. */
export function daysAgo(days: number): Date {
  const today = new Date().setUTCHours(0, 0, 1, 0);
  return new Date(days === 0 ? today : today - days * DAY_MS + DAY_MS / 2);
}

export function isoDay(days: number): string {
  return daysAgo(days).toISOString().slice(0, 10);
}
