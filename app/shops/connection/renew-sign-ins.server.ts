import type { Registry } from "prom-client";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import { conversionTokenIdentity } from "#app/events/encryption-identity.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { KeyringError } from "#app/platform/keys/wrapping-keys.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { registerCounter } from "#app/platform/metrics.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { workOnEach } from "#app/platform/work/work-on-each.server.ts";
import { exchangePair, type RenewalServices, recordUnreadable } from "./exchange-pair.server.ts";
import { decryptToken } from "./read-connection.server.ts";

/**
 * `changed`: another process renewed it. `gone`: there is nothing left to renew. The other values
 * are as in `exchangePair`.
 */
export type RenewalResult = "renewed" | "changed" | "gone" | "refused" | "unavailable";

/**
 * An access token lives 30 days and a refresh token 60 (specification 5.23, `oauth/token`; 30 days
 * by github.com/pinterest/api-quickstart): with renewal at half time, a fortnight of failures does
 * no harm.
 */
const RENEW_BEFORE = { token: "15 days", refreshToken: "30 days" } as const;

/**
 * Renews every sign-in that is half over, also of connections that a person has paused or whose
 * role is missing: their day comes. Not of those that Pinterest no longer accepts. Any number of
 * processes may do it at once: each sign-in is renewed by one of them. One that cannot even be read
 * is noted as not renewed, and counts as `failed`.
 */
export async function renewSignIns(
  services: RenewalServices & {
    db: Pick<Database, "pool" | "transaction">;
    log?: Pick<Logger, "error">;
  },
): Promise<Record<RenewalResult | "failed", number>> {
  const { results, failed } = await workOnEach<DueSignIn, RenewalResult>(services, {
    job: "renew-sign-ins",
    describe: ({ domain }) => ({ shop: domain }),
    readPage: (after, limit) => readDue(services, after, limit),
    work: async ({ id, domain, token }) => {
      try {
        const keys = await services.keyring.load(services.db.pool, [id]);
        return await renewSignIn(services, id, decryptToken(keys, domain, { token }));
      } catch (fault) {
        if (fault instanceof KeyringError) await recordUnreadable(services, id);
        throw fault;
      }
    },
  });
  const counts = { renewed: 0, changed: 0, gone: 0, refused: 0, unavailable: 0, failed };
  for (const result of results) counts[result] += 1;
  return counts;
}

interface DueSignIn {
  id: bigint;
  domain: string;
  token: Buffer;
}

async function readDue(
  { db }: { db: Pick<Database, "pool"> },
  after: bigint,
  limit: number,
): Promise<DueSignIn[]> {
  const { rows } = await db.pool.query<DueSignIn>(
    `select s.id, s.domain, c.token from connection c
      join shop s on s.id = c.shop_id and s.state = 'installed'
      where c.shop_id > $1 and c.refresh_token is not null
        and c.pause_reason is distinct from 'unauthorized'
        and (c.token_expires_at < now() + interval '${RENEW_BEFORE.token}'
          or c.refresh_expires_at < now() + interval '${RENEW_BEFORE.refreshToken}')
      order by c.shop_id limit $2`,
    [after, limit],
  );
  return rows;
}

/** Renews one sign-in, unless `staleToken` is no longer its token. */
export async function renewSignIn(
  services: RenewalServices,
  shopId: bigint,
  staleToken: string,
): Promise<RenewalResult> {
  const result = await exchangePair<"gone" | "changed">(
    services,
    shopId,
    async (client, stored) => {
      if (stored === undefined || stored.refresh_token === null) return "gone";
      const keys = await services.keyring.load(client, [shopId]);
      const token = decryptToken(keys, stored.domain, stored);
      return token === staleToken ? "exchange" : "changed";
    },
    { evenPaused: true },
  );
  return result === "refreshed" ? "renewed" : result;
}

/** Deletes sign-ins without a chosen ad account whose token has expired. */
export async function dropUnusedSignIns({ db }: { db: Pick<Database, "pool"> }): Promise<void> {
  await db.pool.query("delete from pinterest_sign_in where token_expires_at < now()");
}

/** Every six hours: often enough that an hour without Pinterest costs nothing. */
const TIMES = "40 */6 * * *";

/** Schedules the renewal of sign-ins; the queue sees that one process does it at a time. */
export async function scheduleRenewals({
  log,
  queue,
  registry,
  ...services
}: RenewalServices & {
  db: Pick<Database, "pool" | "transaction">;
  log: Logger;
  pinterest: Pick<PinterestClient, "createConversionToken">;
  queue: Pick<Queue, "schedule">;
  registry?: Registry;
}): Promise<void> {
  const renewals = registerCounter(registry, {
    name: "token_refresh_total",
    help: "Renewals of sign-ins with Pinterest by result",
    labelNames: ["result"],
  });
  await queue.schedule("renew-sign-ins", TIMES, async () => {
    const results = await renewSignIns({ ...services, log });
    for (const [result, n] of Object.entries(results)) renewals.inc({ result }, n);
    const hasFailed = results.refused + results.unavailable + results.failed > 0;
    if (hasFailed) log.warn(results, "some sign-ins with Pinterest could not be renewed");
    else if (results.renewed > 0) log.info(results, "sign-ins with Pinterest renewed");
    const made = await remakeConversionTokens({ ...services, log });
    if (made > 0) log.info({ made }, "conversion tokens made in place of refused ones");
    await dropUnusedSignIns(services);
  });
}

/**
 * `changed`: there is a newer token, which the caller has not tried. `refreshed`: Pinterest has
 * just issued a new one; if it is refused as well, no other token helps. `not_refreshable`: there
 * is no refresh token. `refused`: Pinterest no longer accepts the refresh token, or the shop is no
 * longer connected. `unavailable`: the outcome is unknown; try again later.
 */
export type RefreshResult = "changed" | "refreshed" | "not_refreshable" | "refused" | "unavailable";

/**
 * Finds a token in place of a sign-in's that Pinterest refused. Many workers meet a stale token at
 * once; a mark on the connection makes one request of it, and the others find the new token.
 */
export async function refreshConnection(
  services: RenewalServices,
  shopId: bigint,
  refusedToken: string,
  { evenPaused = false }: { evenPaused?: boolean } = {},
): Promise<RefreshResult> {
  return exchangePair<RefreshResult>(
    services,
    shopId,
    async (client, stored) => {
      if (stored === undefined) return "refused";
      const keys = await services.keyring.load(client, [shopId]);
      const token = decryptToken(keys, stored.domain, stored);
      if (token !== refusedToken) return "changed";
      return stored.refresh_token === null ? "not_refreshable" : "exchange";
    },
    { evenPaused },
  );
}

interface Services {
  db: Pick<Database, "pool" | "transaction">;
  keyring: Keyring;
  log: Logger;
  pinterest: Pick<PinterestClient, "createConversionToken">;
}

interface LostRow {
  shop_id: bigint;
  domain: string;
  token: Buffer;
}

const PAGE = 500;

/**
 * Makes new conversion tokens for sign-ins whose old one Pinterest refused for good: sending by the
 * sign-in's own counts against the app's daily limit. Each shop alone; what fails is tried with the
 * next renewal.
 */
export async function remakeConversionTokens(services: Services): Promise<number> {
  const { rows } = await services.db.pool.query<LostRow>(
    `select c.shop_id, s.domain, c.token from connection c
      join shop s on s.id = c.shop_id and s.state = 'installed'
      where c.kind = 'sign_in' and c.state = 'active'
        and c.conversion_token is null and c.conversion_refused_at is not null
      order by c.conversion_refused_at limit ${PAGE}`,
  );
  let made = 0;
  for (const row of rows) {
    try {
      if (await remake(services, row)) made += 1;
    } catch (error) {
      services.log.error({ err: error, shopId: String(row.shop_id) }, "no conversion token made");
    }
  }
  return made;
}

/** Leaves a sign-in alone that was renewed or replaced while Pinterest was answering. */
async function remake(
  { db, keyring, pinterest }: Services,
  { shop_id: shopId, domain, token }: LostRow,
): Promise<boolean> {
  const keys = await keyring.ensure(db.pool, [shopId]);
  const answer = await pinterest.createConversionToken({
    token: decryptToken(keys, domain, { token }),
  });
  if (!answer.ok) return false;
  const sealed = keys.encrypt(shopId, answer.value, conversionTokenIdentity(domain));
  return db.transaction(async (client) => {
    const stored = await client.query(
      `update connection set conversion_token = $3, conversion_token_at = now(),
          conversion_refused_at = null, updated_at = now()
        where shop_id = $1 and token = $2 and conversion_token is null`,
      [shopId, token, sealed],
    );
    if (stored.rowCount === 0) return false;
    await writeAuditEntry(client, {
      shopId,
      actor: "system",
      action: "connection.make_conversion_token",
      before: { sending_with: "token" },
      after: { sending_with: "conversion_token" },
    });
    return true;
  });
}
