import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import {
  readSendingConnections,
  type SendingConnection,
} from "#app/shops/connection/read-connection.server.ts";
import { recordTrouble } from "#app/shops/connection/record-trouble.server.ts";
import { refreshConnection } from "#app/shops/connection/renew-sign-ins.server.ts";
import type { PauseReason } from "./classify-answer.server.ts";
import type { DeliveryMetrics } from "./delivery-metrics.server.ts";
import { unauthorizedPauseMs } from "./retry-policy.server.ts";

interface RecoveryServices {
  db: Database;
  keyring: Keyring;
  log: Logger;
  metrics: DeliveryMetrics;
  pinterest: Pick<PinterestClient, "refreshOAuthToken">;
  random: () => number;
}

interface Refused {
  shopId: bigint;
  /** The account of the request; the merchant may have chosen another one since. */
  adAccountId: string;
  connection: SendingConnection;
  /** The token of the request: the connection's token for sending, or another that was tried after it. */
  token: string;
  /** Whether the token was just made to replace a refused one. */
  isFresh: boolean;
  reason: PauseReason;
  /** Pinterest's message. */
  message: string;
}

/**
 * The next step for events whose token or account Pinterest refused. `retry_batch`: send them with this
 * token. `pause`: the connection is paused, they are sent when it resumes. `delay_account`: retry after so
 * long. `retry_account`: retry later, because the answer did not concern the connection. `backoff`: retry only
 * these events later.
 */
export type Recovery =
  | { kind: "retry_batch"; connection: SendingConnection; token: string; isFresh: boolean }
  | { kind: "pause" }
  | { kind: "delay_account"; pauseMs: number }
  | { kind: "retry_account" }
  | { kind: "backoff" };

/**
 * Looks for another token to replace a refused one; if there is none, counts the refusal against
 * the connection. A refusal of an ad account that the shop no longer uses does not count: its
 * present account must continue.
 */
export async function recoverConnection(
  services: RecoveryServices,
  refused: Refused,
): Promise<Recovery> {
  const { shopId, adAccountId, connection, isFresh, reason, message } = refused;
  if (reason !== "unauthorized" && adAccountId !== connection.adAccountId) {
    services.log.warn({ shopId: String(shopId), adAccountId, reason }, "earlier account refused");
    return { kind: "backoff" };
  }
  if (reason === "unauthorized" && !isFresh) {
    const recovery = await findToken(services, refused);
    if (recovery !== null) return recovery;
  }
  const noted = await recordTrouble(services, shopId, { trouble: reason, detail: message });
  const facts = { shopId: String(shopId), adAccountId, reason, times: noted.times };
  if (noted.kind === "paused") {
    services.metrics.pauses.inc({ reason });
    services.log.warn(facts, "connection paused");
    return { kind: "pause" };
  }
  if (noted.kind === "general") {
    services.log.error(facts, "many ad accounts are refused at once: no connection is paused");
  } else services.log.warn(facts, "connection refused: retried before it is paused");
  return { kind: "delay_account", pauseMs: unauthorizedPauseMs(noted.times, services.random()) };
}

/** Null when there is no other token to try. */
async function findToken(
  services: RecoveryServices,
  { shopId, connection, token }: Refused,
): Promise<Recovery | null> {
  const { signInToken } = connection;
  // One refusal does not end a conversion token: the sign-in's token replaces it for now.
  if (token !== signInToken)
    return { kind: "retry_batch", connection, token: signInToken, isFresh: false };
  // Once is enough: otherwise a valid pair would be exchanged with each refusal of a bad hour.
  if (connection.trouble === "unauthorized") return null;
  const result = await refreshConnection(services, shopId, token);
  if (result === "unavailable") return { kind: "retry_account" };
  if (result !== "changed" && result !== "refreshed") return null;
  const now = (await readSendingConnections(services, [shopId])).get(shopId);
  if (now == null || now.signInToken === token) return null;
  const isFresh = result === "refreshed";
  return { kind: "retry_batch", connection: now, token: now.signInToken, isFresh };
}
