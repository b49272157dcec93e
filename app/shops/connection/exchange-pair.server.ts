import { setTimeout as wait } from "node:timers/promises";
import type { PoolClient } from "pg";
import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import { refreshTokenIdentity, tokenIdentity } from "#app/events/encryption-identity.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { DataKeys, Keyring } from "#app/platform/keyring.server.ts";
import { keepTrying } from "#app/platform/work/keep-trying.server.ts";

interface TokenPair {
  accessToken: string;
  refreshToken: string;
  expiresInSeconds: number;
  refreshExpiresInSeconds?: number | null;
}

export interface RenewalServices {
  db: Pick<Database, "pool" | "transaction">;
  keyring: Keyring;
  pinterest: {
    refreshOAuthToken(
      refreshToken: string,
    ): Promise<{ ok: true; value: TokenPair } | { ok: false; error: { kind: string } }>;
  };
}

export interface StoredTokens {
  domain: string;
  token: Buffer;
  refresh_token: Buffer | null;
  conversion_token: Buffer | null;
}

/** Faults that say nothing of the refresh token. */
const PASSING_FAULTS = new Set(["rate_limited", "unavailable", "unreadable", "not_found"]);

/** Longer than any exchange, with its storing: a process that was killed in one blocks no longer. */
const MARK_MINUTES = 5;
/** Storing must end before the mark expires: a later pair may belong to another process. */
const STORE_WITHIN_MS = 4 * 60_000;
/** The wait for another process's exchange: longer than the time limit of Pinterest's answer. */
const WAIT_MS = 15_000;
const LOOK_AGAIN_MS = 250;

export type PairExchange = "refreshed" | "refused" | "unavailable";

/**
 * Exchanges a shop's refresh token for a new pair if `decide` returns "exchange"; any other
 * decision is returned. `decide` gets the tokens in a transaction that locks the row. No connection
 * is held during Pinterest's request: the row is marked, and a process that finds the mark waits
 * and decides again. The pair is stored before it is used, even if the database is slow, because
 * Pinterest no longer accepts the old refresh token. `evenPaused`: also for a connection that sends
 * nothing now.
 */
export async function exchangePair<Decision extends string>(
  services: RenewalServices,
  shopId: bigint,
  decide: (
    client: PoolClient,
    stored: StoredTokens | undefined,
  ) => Promise<Decision | "exchange"> | Decision | "exchange",
  { evenPaused, waitMs = WAIT_MS }: { evenPaused: boolean; waitMs?: number },
): Promise<Decision | PairExchange> {
  const giveUpAt = performance.now() + waitMs;
  for (;;) {
    const found = await services.db.transaction(async (client) => {
      const stored = await lockTokens(client, shopId, evenPaused);
      const decision = await decide(client, stored);
      if (decision !== "exchange" || stored === undefined) return { decision };
      if (stored.is_marked) return { decision: "busy" as const };
      await mark(client, shopId);
      return { stored };
    });
    if (found.stored !== undefined) return exchange(services, shopId, found.stored);
    if (found.decision !== "busy") return found.decision as Decision;
    if (performance.now() > giveUpAt) return "unavailable";
    await wait(LOOK_AGAIN_MS);
  }
}

async function lockTokens(
  client: PoolClient,
  shopId: bigint,
  evenPaused: boolean,
): Promise<(StoredTokens & { is_marked: boolean }) | undefined> {
  const { rows } = await client.query<StoredTokens & { is_marked: boolean }>(
    `select s.domain, c.token, c.refresh_token, c.conversion_token,
        coalesce(c.refreshing_until > now(), false) as is_marked
      from connection c join shop s on s.id = c.shop_id and s.state = 'installed'
      where c.shop_id = $1 and (c.state = 'active' or $2) for no key update of c`,
    [shopId, evenPaused],
  );
  return rows[0];
}

async function mark(client: PoolClient, shopId: bigint): Promise<void> {
  await client.query(
    `update connection set refreshing_until = now() + interval '${MARK_MINUTES} minutes'
      where shop_id = $1`,
    [shopId],
  );
}

async function exchange(
  services: RenewalServices,
  shopId: bigint,
  stored: StoredTokens,
): Promise<PairExchange> {
  const { db, keyring, pinterest } = services;
  if (stored.refresh_token === null) return "refused";
  const store = (work: (client: PoolClient) => Promise<void>) =>
    keepTrying(() => db.transaction(work), STORE_WITHIN_MS);
  // The keys are in hand before Pinterest answers: it takes the old refresh token no more then.
  const keys = await keyring.ensure(db.pool, [shopId]);
  const identity = refreshTokenIdentity(stored.domain);
  const refreshToken = await keyring.decrypt(db.pool, stored.refresh_token, identity);
  const answer = await pinterest.refreshOAuthToken(refreshToken.toString("utf8"));
  if (!answer.ok) {
    const fault = answer.error.kind;
    await store((client) => recordFailure(client, shopId, fault));
    return PASSING_FAULTS.has(fault) ? "unavailable" : "refused";
  }
  const pair = answer.value;
  await store((client) => storePair(keys, client, shopId, stored, pair));
  return "refreshed";
}

/** Leaves a token alone that the merchant gave while Pinterest was answering: it is newer. */
async function storePair(
  keys: DataKeys,
  client: PoolClient,
  shopId: bigint,
  { domain, token }: StoredTokens,
  pair: TokenPair,
): Promise<void> {
  const stored = await client.query(
    `update connection set token = $3, refresh_token = $4,
        token_expires_at = now() + $5 * interval '1 second',
        refresh_expires_at = now() + $6::float8 * interval '1 second',
        renewal_failed_at = null, refreshing_until = null, updated_at = now()
      where shop_id = $1 and token = $2`,
    [
      shopId,
      token,
      keys.encrypt(shopId, pair.accessToken, tokenIdentity(domain)),
      keys.encrypt(shopId, pair.refreshToken, refreshTokenIdentity(domain)),
      pair.expiresInSeconds,
      pair.refreshExpiresInSeconds ?? null,
    ],
  );
  if (stored.rowCount === 0) return;
  await writeAuditEntry(client, { shopId, actor: "system", action: "connection.refresh" });
}

/** Notes a sign-in whose tokens this installation's keys do not open. */
export async function recordUnreadable(
  { db }: Pick<RenewalServices, "db">,
  shopId: bigint,
): Promise<void> {
  await db.transaction((client) => recordFailure(client, shopId, "token_does_not_open"));
}

/** Takes the mark away. The first failure alone is noted: what follows it is the same trouble. */
async function recordFailure(client: PoolClient, shopId: bigint, fault: string): Promise<void> {
  await client.query("update connection set refreshing_until = null where shop_id = $1", [shopId]);
  const noted = await client.query(
    `update connection set renewal_failed_at = now(), updated_at = now()
      where shop_id = $1 and renewal_failed_at is null`,
    [shopId],
  );
  if (noted.rowCount === 0) return;
  await writeAuditEntry(client, {
    shopId,
    actor: "system",
    action: "connection.renewal_failed",
    after: { fault },
  });
}
