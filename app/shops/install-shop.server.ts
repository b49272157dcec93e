import { randomBytes } from "node:crypto";
import type { PoolClient } from "pg";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import type { Country } from "#app/events/country.ts";
import { computeLane } from "#app/events/lane.ts";
import { assignAccountToWaitingEvents } from "#app/outbox/assign-account.server.ts";
import type { Database } from "#app/platform/db.server.ts";

export interface Install {
  domain: string;
  /** Access scopes that Shopify granted; left out: as they were. */
  scopes?: readonly string[];
  /** When it was installed; left out: now, by the database's clock. */
  at?: Date;
}

export interface InstalledShop {
  id: bigint;
  /** Counts the installs of the shop, from 1. */
  generation: number;
  /** The shop was not known before. */
  isNew: boolean;
  /** The shop came back after an uninstall. */
  isBack: boolean;
}

interface ShopRow {
  id: bigint;
  generation: number;
  state: "installed" | "uninstalled";
  is_new: boolean;
}

/**
 * Makes the shop one that is installed, and keeps when that was proved last: Shopify's library
 * reports an install at each token exchange. After an uninstall it starts a new generation. An
 * `app/uninstalled` webhook that was triggered before the newest proof ends nothing, whenever it
 * comes. What a shop that came back has waiting is sent.
 */
export async function installShop(
  { db }: { db: Pick<Database, "pool" | "transaction"> },
  { domain, scopes, at }: Install,
): Promise<InstalledShop> {
  const installed = await db.transaction(async (client) => {
    const shop = await upsertShop(client, domain, scopes?.join(",") ?? null, at ?? null);
    const isBack = shop.state === "uninstalled";
    if (shop.is_new) {
      await writeAuditEntry(client, {
        shopId: shop.id,
        actor: "shopify",
        action: "shop.install",
        after: { generation: shop.generation },
      });
    }
    const generation = isBack ? await reinstall(client, shop, at ?? null) : shop.generation;
    return { id: shop.id, generation, isNew: shop.is_new, isBack };
  });
  if (installed.isBack) await assignAccountToWaitingEvents({ db }, installed.id);
  return installed;
}

/** A webhook waits for it, so a locked row of the shop must not delay it. */
const REVIVE_LIMITS = { statementTimeoutMs: 100 };

/**
 * Makes an uninstalled shop one that is installed, on the evidence of a webhook that Shopify
 * triggered `at` a time after the uninstall: without it, orders of a shop that came back would be
 * thrown away until somebody opens the app. What it has waiting is sent. False: the shop was
 * uninstalled after that time, is installed, or is being changed by somebody.
 */
export async function reviveShop(
  { db }: { db: Pick<Database, "pool" | "transaction"> },
  { domain, at, topic }: { domain: string; at: Date; topic: string },
): Promise<boolean> {
  const shop = await db.transaction(async (client) => {
    const { rows } = await client.query<ShopRow>(
      `select id, generation, state from shop
        where domain = $1 and state = 'uninstalled' and uninstalled_at < $2
        for no key update skip locked`,
      [domain, at],
    );
    const shop = rows[0];
    if (shop !== undefined) await reinstall(client, shop, at, topic);
    return shop;
  }, REVIVE_LIMITS);
  if (shop !== undefined) await assignAccountToWaitingEvents({ db }, shop.id);
  return shop !== undefined;
}

/** The shop's row, locked, with its state as it was. */
async function upsertShop(
  client: PoolClient,
  domain: string,
  scopes: string | null,
  at: Date | null,
): Promise<ShopRow> {
  const { rows } = await client.query<ShopRow>(
    `insert into shop (domain, lane, state, scopes, pixel_key, installed_at, authorised_at)
      values ($1, $2, 'installed', coalesce($3, ''), $4, coalesce($5, now()), coalesce($5, now()))
      on conflict (domain) do update set scopes = coalesce($3, shop.scopes),
        authorised_at = greatest(shop.authorised_at, excluded.authorised_at)
      returning id, generation, state, xmax = 0 as is_new`,
    [domain, computeLane(domain), scopes, randomBytes(18).toString("base64url"), at],
  );
  return rows[0] as ShopRow;
}

/** `topic`: of the webhook that proves it; left out: a token exchange. */
async function reinstall(
  client: PoolClient,
  shop: Pick<ShopRow, "id" | "generation">,
  at: Date | null,
  topic?: string,
): Promise<number> {
  // An uninstall that Shopify's clock dates after ours is over all the same, should it come again.
  const { rows } = await client.query<{ generation: number }>(
    `update shop set state = 'installed', generation = generation + 1, uninstalled_at = null,
        installed_at = coalesce($2, now()),
        authorised_at = greatest(authorised_at, uninstalled_at, coalesce($2, now()))
      where id = $1 returning generation`,
    [shop.id, at],
  );
  const generation = rows[0]?.generation ?? shop.generation;
  const resumed = await client.query(
    `update connection set state = 'active', pause_reason = null, updated_at = now()
      where shop_id = $1 and state = 'paused' and pause_reason = 'uninstalled'`,
    [shop.id],
  );
  await writeAuditEntry(client, {
    shopId: shop.id,
    actor: "shopify",
    action: "shop.install",
    before: { generation: shop.generation },
    after: {
      generation,
      connection_resumed: resumed.rowCount === 1,
      ...(topic !== undefined && { proved_by: topic }),
    },
  });
  return generation;
}

/**
 * Notes the access scopes that an installed shop grants now. A pixel that lacked one is due again.
 */
export async function updateScopes(
  { db }: { db: Pick<Database, "pool"> },
  { domain, scopes }: { domain: string; scopes: readonly string[] },
): Promise<void> {
  await db.pool.query(
    `update shop set scopes = $2, web_pixel_checked_at =
        case when web_pixel_fault = 'denied' then null else web_pixel_checked_at end
      where domain = $1 and state = 'installed'`,
    [domain, scopes.join(",")],
  );
}

/** The Admin API's facts about a shop; null: it gave none. */
export interface ShopFacts {
  domain: string;
  /** Host name that shoppers see. */
  primaryDomain: string | null;
  countryCode: Country | null;
  currency: string | null;
  /** IANA name. */
  timeZone: string | null;
}

/** Stores what the Admin API says of a shop. What it did not say stays as it was. */
export async function saveShopFacts(
  { db }: { db: Pick<Database, "pool"> },
  { domain, primaryDomain, countryCode, currency, timeZone }: ShopFacts,
): Promise<void> {
  await db.pool.query(
    `update shop set primary_domain = coalesce($2, primary_domain),
        country_code = coalesce($3, country_code), currency = coalesce($4, currency),
        time_zone = coalesce($5, time_zone)
      where domain = $1`,
    [domain, primaryDomain, countryCode, currency, timeZone],
  );
}
