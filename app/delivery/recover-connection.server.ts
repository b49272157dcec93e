import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { pauseConnection } from "#app/shops/connection/pause-connection.server.ts";
import { refreshConnection } from "#app/shops/connection/refresh-connection.server.ts";
import {
  readSendingConnections,
  type SendingConnection,
} from "#app/shops/connection/sending-connections.server.ts";
import type { PauseReason } from "./classify-answer.server.ts";
import type { DeliveryMetrics } from "./delivery-metrics.server.ts";

interface RecoveryServices {
  db: Database;
  keyring: Keyring;
  log: Logger;
  metrics: DeliveryMetrics;
  pinterest: Pick<PinterestClient, "refreshOAuthToken">;
}

interface Refused {
  shopId: bigint;
  /** The account of the request, which an earlier choice of the merchant may have made. */
  adAccountId: string;
  connection: SendingConnection;
  /** Whether the token was made in place of a refused one just now. */
  isFresh: boolean;
  reason: PauseReason;
}

/**
 * What is to become of events whose token or account Pinterest refused. `again`: send them with
 * this connection. `stay`: they are sent when the merchant has reconnected. `wait`: try later, the
 * account is left alone meanwhile. `later`: these events alone.
 */
export type Recovery =
  | { kind: "again"; connection: SendingConnection; isFresh: boolean }
  | { kind: "stay" }
  | { kind: "wait" }
  | { kind: "later" };

/**
 * Looks for another token in place of a refused one, and pauses the connection where there is none.
 * A refusal of an ad account that is no longer the shop's pauses nothing: the account that is
 * must go on.
 */
export async function recoverConnection(
  services: RecoveryServices,
  refused: Refused,
): Promise<Recovery> {
  const { shopId, adAccountId, connection, isFresh, reason } = refused;
  if (reason !== "unauthorized" && adAccountId !== connection.adAccountId) {
    services.log.warn({ shopId: String(shopId), adAccountId, reason }, "earlier account refused");
    return { kind: "later" };
  }
  if (reason === "unauthorized" && !isFresh) {
    const result = await refreshConnection(services, shopId, connection.token);
    if (result === "unavailable") return { kind: "wait" };
    if (result === "changed" || result === "refreshed") {
      const now = (await readSendingConnections(services, [shopId])).get(shopId);
      const found = now !== undefined && now.token !== connection.token;
      if (found) return { kind: "again", connection: now, isFresh: result === "refreshed" };
    }
  }
  services.metrics.pauses.inc({ reason });
  services.log.warn({ shopId: String(shopId), reason }, "connection paused");
  await pauseConnection(services, shopId, reason, "system");
  return { kind: "stay" };
}
