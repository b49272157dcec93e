import type { IncomingMessage, ServerResponse } from "node:http";
import { parseJsonObject } from "#app/intake/read/read-json-object.server.ts";
import type { ByteBudget, ByteShare } from "#app/platform/bodies/byte-budget.server.ts";
import { readBody } from "#app/platform/bodies/read-body.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { reach } from "#app/platform/fault-point.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { INSTALLATION } from "#app/platform/keys/data-keys.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import { annotateSpan, markForSpan } from "#app/platform/trace.server.ts";
import { recordBillingChange } from "#app/shops/billing/save-billing.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import { updateScopes } from "#app/shops/install-shop.server.ts";
import { uninstallShop } from "#app/shops/uninstall-shop.server.ts";
import type { IntakeMetrics } from "./intake-metrics.server.ts";
import type { StoredAs, VerifiedWebhook } from "./store-webhooks.server.ts";
import { createStoring, type Storing, type StoringOptions } from "./storing.server.ts";
import { checkSignature } from "./verify-webhook.server.ts";
import { readWebhookHeaders, type WebhookHeaders } from "./webhook-headers.server.ts";
import { APP_TOPICS, COMPLIANCE_TOPICS, WEBHOOK_TOPICS } from "./webhook-topics.server.ts";

export interface IntakeServices {
  /** Handles webhooks about the app itself; the others go to `storeWebhooks`. */
  db: Pick<Database, "pool" | "transaction">;
  keyring: Keyring;
  log: Logger;
  metrics: IntakeMetrics;
  nowMs: () => number;
  /** The limit for the bodies of all requests of the process together. */
  bodies: ByteBudget;
  storeWebhooks: StoringOptions<VerifiedWebhook, StoredAs>["store"];
  /** Secrets that Shopify may have signed with: the current one, and the previous one while rotating. */
  secrets: readonly string[];
}

export interface Intake {
  /**
   * Starts the storing of webhooks, so that the first one does not wait for it: on a busy machine
   * it would be rejected as late, and Shopify sends it again minutes later.
   */
  prepare(): Promise<void>;
  handleWebhook(request: IncomingMessage, response: ServerResponse): Promise<void>;
  oldestInHandMs(): number;
  /** Resolves when every webhook in hand is stored. */
  drain(): Promise<void>;
}

/** An order of 500 personalised lines weighs 2.5 MB. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
const RETRY_AFTER_SECONDS = 5;

/**
 * Two groups at once: while the database writes one, the next is read, mapped and encrypted.
 * Shopify waits 5 s for its answer: a webhook is rejected after 4 s at the latest.
 */
const BRIEF = {
  maxWaitMs: 4,
  maxItems: 200,
  maxBytes: 4 * 1024 * 1024,
  maxGroups: 2,
  maxWaiting: 4_000,
  maxAgeMs: 2_000,
  deadlineMs: 2_000,
};
type WebhookStoring = Storing<VerifiedWebhook, StoredAs>;

const GROUPS = {
  brief: BRIEF,
  patient: { ...BRIEF, maxWaiting: 1_000, maxAgeMs: 1_000, deadlineMs: 1_500 },
};

interface Answer {
  status: number;
  /** The label of the metric. */
  result: string;
  error?: { code: string; message: string };
}

/** Handles `POST /webhooks` for every topic. Answers 200 only when the webhook is durable. */
export function createIntake(services: IntakeServices): Intake {
  const storing = createStoring<VerifiedWebhook, StoredAs>({
    store: services.storeWebhooks,
    groups: GROUPS,
    isBlocked: (stored) => stored === "blocked",
    onGroup: (webhooks) => services.metrics.groupRows.observe(webhooks),
    shopOf: ({ headers }) => headers.shopDomain,
    nowMs: services.nowMs,
  });
  return {
    async prepare() {
      await services.storeWebhooks([], "brief");
    },
    oldestInHandMs: () => storing.oldestMs(),
    drain: () => storing.drain(),
    async handleWebhook(request, response) {
      const startedAt = services.nowMs();
      const share = services.bodies.open();
      const answer = await answerWebhook(services, storing, share, request)
        .catch((error: unknown) => refuseFault(services.log, request, error))
        .finally(share.release);
      const topic = String(request.headers["x-shopify-topic"]);
      const counted = WEBHOOK_TOPICS.includes(topic) ? topic : "other";
      annotateSpan({ topic: counted, result: answer.result });
      services.metrics.countReceived(counted, answer.result);
      services.metrics.ackSeconds.observe((services.nowMs() - startedAt) / 1_000);
      respond(request, response, answer);
      reach("webhook answered");
    },
  };
}

/** A body that was cut off is the caller's fault, and anyone may call. */
function refuseFault(log: Logger, request: IncomingMessage, error: unknown): Answer {
  if (!request.complete) {
    log.debug({ err: error }, "a webhook's body was cut off");
    return refuse(400, "cut_off", "The body was cut off.");
  }
  log.error({ err: error }, "webhook not stored: Shopify is asked to send it again");
  return refuse(503, "not_stored", "It could not be stored. Send it again.");
}

async function answerWebhook(
  services: IntakeServices,
  storing: WebhookStoring,
  share: ByteShare,
  request: IncomingMessage,
): Promise<Answer> {
  reach("webhook headers read");
  if (request.method !== "POST") {
    return refuse(405, "method_not_allowed", "Webhooks are sent by POST.");
  }
  if (request.headers["content-encoding"] !== undefined) {
    return refuse(415, "encoded", "Send the body as it was signed, without Content-Encoding.");
  }
  const given = request.headers["x-shopify-hmac-sha256"]?.toString();
  const signature = checkSignature(given, services.secrets);
  const read = await readBody(request, {
    maxBytes: MAX_BODY_BYTES,
    share,
    // Without a possible signature, no byte of the body is kept.
    isKept: signature !== null,
    onPiece: (piece) => signature?.update(piece),
    isWanted: () => {
      reach("webhook body read");
      const secret = signature?.findSecret() ?? -1;
      if (secret > 0) services.metrics.badSignatures.inc({ key_id: "current" });
      return secret !== -1;
    },
  });
  if (read.kind === "over_budget") {
    return refuse(503, "overloaded", "Too much is in hand. Send it again.");
  }
  const headers = readWebhookHeaders(request.headers);
  if (read.kind === "too_large") {
    if ((signature?.findSecret() ?? -1) !== -1 && headers.ok)
      logTooLarge(services.log, headers.headers);
    return refuse(413, "too_large", "A webhook's body may have 8 MiB at most.");
  }
  if (read.kind === "unwanted") {
    services.metrics.badSignatures.inc({ key_id: "all" });
    return refuse(401, "bad_signature", "X-Shopify-Hmac-Sha256 does not fit the body.");
  }
  if (!headers.ok) {
    return refuse(400, "bad_headers", `Missing or malformed: ${headers.faulty.join(", ")}.`);
  }
  return handleVerifiedWebhook(services, storing, headers.headers, read.body);
}

/** The order is not kept: reconciliation has to fetch it. */
function logTooLarge(log: Logger, { shopDomain, topic, webhookId }: WebhookHeaders): void {
  log.warn({ shop: shopDomain, topic, webhookId }, "a webhook was too large to be stored");
}

async function handleVerifiedWebhook(
  services: IntakeServices,
  storing: WebhookStoring,
  headers: WebhookHeaders,
  raw: Buffer,
): Promise<Answer> {
  if (isIn(APP_TOPICS, headers.topic) || isIn(COMPLIANCE_TOPICS, headers.topic)) {
    const body = parseJsonObject(raw);
    if (body === null) return notAnObject();
    if (headers.topic === "app/uninstalled") return endInstall(services, headers, body);
    if (headers.topic === "app/scopes_update") return handleScopesUpdate(services, headers, body);
    if (headers.topic === "app_subscriptions/update") return handleBillingUpdate(services, headers);
    await recordCompliance(services, headers, raw, body);
    return { status: 200, result: "recorded" };
  }
  reach("webhook signature fits");
  const stored = await storing.add(markForSpan({ headers, body: raw }));
  if (stored === "not_an_object") return notAnObject();
  if (stored === "failed" || stored === "blocked") {
    return refuse(503, "not_stored", "It could not be stored. Send it again.");
  }
  return { status: 200, result: stored };
}

/** The signature covers only the body: the header's shop is trusted only if the body names it too. */
async function endInstall(
  services: IntakeServices,
  { shopDomain, triggeredAt }: WebhookHeaders,
  body: Record<string, unknown>,
): Promise<Answer> {
  if (body.myshopify_domain !== shopDomain && body.domain !== shopDomain) {
    services.log.warn(
      { shop: shopDomain },
      "app/uninstalled names another shop in its body: ignored",
    );
    return { status: 200, result: "disputed" };
  }
  return {
    status: 200,
    result: await uninstallShop(services, { domain: shopDomain, triggeredAt }),
  };
}

async function handleScopesUpdate(
  services: IntakeServices,
  { shopDomain }: WebhookHeaders,
  body: Record<string, unknown>,
): Promise<Answer> {
  const { current } = body;
  const isList = Array.isArray(current) && current.every((scope) => typeof scope === "string");
  if (!isList) return { status: 200, result: "unreadable" };
  await updateScopes(services, { domain: shopDomain, scopes: current as string[] });
  return { status: 200, result: "done" };
}

/**
 * The body names the shop by a number that we cannot check, so its content is not trusted: Shopify
 * is asked at the next check of the shop's billing.
 */
async function handleBillingUpdate(
  services: IntakeServices,
  { shopDomain }: WebhookHeaders,
): Promise<Answer> {
  await recordBillingChange(services, shopDomain);
  return { status: 200, result: "done" };
}

function isIn(topics: readonly string[], topic: string): boolean {
  return topics.includes(topic);
}

function notAnObject(): Answer {
  return refuse(400, "not_an_object", "The body is not a JSON object.");
}

function refuse(status: number, code: string, message: string): Answer {
  return { status, result: code, error: { code, message } };
}

function respond(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return;
  response.statusCode = answer.status;
  if (answer.status === 405) response.setHeader("Allow", "POST");
  if (answer.status === 503) response.setHeader("Retry-After", RETRY_AFTER_SECONDS);
  // A response that did not wait for the whole body must not leave the rest to the next request.
  if (!request.complete) response.setHeader("Connection", "close");
  if (answer.error === undefined) {
    response.end();
    return;
  }
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ error: answer.error }));
}

/**
 * Stores one of Shopify's compliance requests, whole and encrypted, whether or not the shop is
 * still known: `shop/redact` comes two days after the uninstall. The signature covers only the
 * body, so a request whose body names another shop than its header is stored as `disputed`, not
 * trusted.
 */
async function recordCompliance(
  { db, keyring }: { db: Pick<Database, "pool">; keyring: Keyring },
  { shopDomain, topic, webhookId, triggeredAt }: WebhookHeaders,
  raw: Buffer,
  body: Record<string, unknown>,
): Promise<void> {
  const state = body.shop_domain === shopDomain ? "recorded" : "disputed";
  const shop = await findShop({ db }, shopDomain);
  const identity = `compliance_request:${shopDomain}:${webhookId}`;
  const sealed = await keyring.encrypt(db.pool, shop?.id ?? INSTALLATION, raw, identity);
  await db.pool.query(
    `insert into compliance_request (shop_domain, topic, webhook_id, state, body, triggered_at)
      values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [shopDomain, topic, webhookId, state, sealed, triggeredAt],
  );
}
