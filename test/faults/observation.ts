import { LEASE_MS } from "#app/outbox/drain/claim-accounts.server.ts";
import { personalCanaries } from "#test/sandbox/personal-canaries.ts";
import type { AcceptedEvent, LedgerRequest, Violation } from "#test/sandbox/pinterest/ledger.ts";
import { miscounts } from "#test/support/outbox-fixture.ts";
import type { Installation } from "./installation.ts";
import type { Expected } from "./order-traffic.ts";
import type { Scene } from "./scene.ts";
import type { SceneShop } from "./scene-shops.ts";

/** An event as it stands in the outbox. */
export interface StoredEvent {
  shopId: bigint;
  eventId: string;
  orderId: string | null;
  state: string;
  reason: string | null;
  attempts: number;
  /** How many of its attempts were settled with an answer for each event. */
  answers: number;
}

/** All that a cell has left behind, as plain data: the invariants are judged by it alone. */
export interface Observation {
  shops: readonly SceneShop[];
  /** By webhook id: only those that were answered 200. */
  acknowledged: ReadonlyMap<string, Expected>;
  /** By webhook id: all that was sent. */
  sent: ReadonlyMap<string, Expected>;
  stored: readonly StoredEvent[];
  accepted: readonly AcceptedEvent[];
  /** Calls to the ad accounts of these shops, in order. */
  requests: readonly LedgerRequest[];
  peakCallsPerMinute: number;
  /** What the local Pinterest itself found wrong. */
  violations: readonly Violation[];
  /** Whether the answer to a request may not have reached the app. */
  isHidden(request: LedgerRequest): boolean;
  /** Personal data and tokens, and what was found of them where none may be. */
  leaks: readonly string[];
  /** By how much a web process's clock was slow: an order from its future is sent as of now. */
  clockBehindSeconds: number;
  miscounts: readonly unknown[];
}

/** An answer that arrived is lost with its worker until it is settled, which is within the lease. */
const UNSETTLED_MS = LEASE_MS;

export async function observe(
  installation: Pick<Installation, "db" | "pinterest" | "deaths" | "apps">,
  scene: Pick<Scene, "shops" | "client" | "expected" | "clockBehindSeconds" | "forgotten">,
): Promise<Observation> {
  const { db, pinterest, deaths } = installation;
  const { shops } = scene;
  const accounts = new Set(shops.map(({ adAccountId }) => adAccountId));
  const ids = scene.client.readAcknowledged();
  // Another cell may have the tables locked meanwhile, for longer than an ordinary statement waits.
  const { pool } = db.upkeep;
  const shopIds = shops.map(({ id }) => id);
  const stored = await pool.query<{
    shop_id: bigint;
    event_id: string;
    order_id: string | null;
    state: string;
    reason: string | null;
    attempts: number;
    answers: number;
  }>(
    `select shop_id, event_id, order_id, state, reason, attempts,
        (select count(*)::integer from attempt a
          where a.id = any(event.attempt_ids) and a.outcome = 'outcomes') as answers
      from event where shop_id = any($1)`,
    [shopIds.map(String)],
  );
  const requests = pinterest.ledger.requests.filter(({ adAccountId }) => accounts.has(adAccountId));
  const isForgotten = ({ at, endedAt }: LedgerRequest) =>
    scene.forgotten !== undefined &&
    at <= scene.forgotten.until &&
    (endedAt ?? at) + UNSETTLED_MS >= scene.forgotten.from;
  const forgottenIds = new Set(requests.filter(isForgotten).flatMap(({ ids }) => ids));
  return {
    shops,
    sent: scene.expected,
    acknowledged: new Map([...scene.expected].filter(([id]) => ids.has(id))),
    stored: stored.rows.map((row) => ({
      shopId: row.shop_id,
      eventId: row.event_id,
      orderId: row.order_id,
      state: row.state,
      reason: row.reason,
      attempts: row.attempts,
      answers: row.answers,
    })),
    accepted: pinterest.ledger.accepted.filter(({ adAccountId }) => accounts.has(adAccountId)),
    requests,
    peakCallsPerMinute: Math.max(
      ...[...accounts].map((account) => pinterest.ledger.peakCallsPerMinute(account)),
    ),
    violations: pinterest.ledger.violations
      .filter(({ adAccountId }) => accounts.has(adAccountId))
      // What is fetched from Shopify again knows nothing of the browser.
      .filter(({ kind, eventId }) => kind !== "changed_repeat" || !forgottenIds.has(eventId ?? "")),
    isHidden: (request) =>
      (request.fault !== null && request.fault !== "latency") ||
      isForgotten(request) ||
      deaths.some(
        ({ name, at: diedAt }) =>
          name.startsWith("worker") &&
          diedAt >= request.at &&
          diedAt <= (request.endedAt ?? request.at) + UNSETTLED_MS,
      ),
    leaks: await findLeaks(installation, scene),
    clockBehindSeconds: scene.clockBehindSeconds ?? 0,
    miscounts: await miscounts({ pool }, shopIds),
  };
}

/** What people would not want to read in a log or a metric, of a sample of the webhooks. */
async function findLeaks(
  { apps }: Pick<Installation, "apps">,
  scene: Pick<Scene, "shops" | "client">,
): Promise<string[]> {
  const canaries = new Set(scene.shops.map(({ token }) => token));
  for (const { webhook } of scene.client.sent.slice(0, 50)) {
    for (const canary of personalCanaries(webhook.body)) canaries.add(canary);
  }
  // One of the texts that break readers, and what a log line says of an answer that never came.
  canaries.delete("null");
  const texts = apps.flatMap((app) => app.outputs());
  for (const app of apps) {
    const metrics = await fetch(`${app.url}/metrics`).catch(() => null);
    if (metrics !== null) texts.push(await metrics.text());
  }
  return [...canaries].filter((canary) => texts.some((text) => text.includes(canary)));
}
