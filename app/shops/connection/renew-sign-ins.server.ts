import type { Registry } from "prom-client";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { KeyringError } from "#app/platform/keys/wrapping-keys.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { counterOf } from "#app/platform/metrics.server.ts";
import type { Queue } from "#app/platform/queue.server.ts";
import { workOnEach } from "#app/platform/work/work-on-each.server.ts";
import { exchangePair, noteUnreadable, type RenewalServices } from "./exchange-pair.server.ts";
import { decryptToken } from "./read-connection.server.ts";
import { remakeConversionTokens } from "./remake-conversion-tokens.server.ts";

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
        if (fault instanceof KeyringError) await noteUnreadable(services, id);
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
  const renewals = counterOf(registry, {
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
