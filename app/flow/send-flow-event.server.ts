import type { MappedEvent } from "#app/events/mapped-event.ts";
import { UnfitEventError } from "#app/mapping/check-event.server.ts";
import { NOBODY } from "#app/mapping/person/build-user-data.server.ts";
import { buildPolicy } from "#app/mapping/shop-policy.server.ts";
import { readStandings } from "#app/outbox/read-outcomes.server.ts";
import { askByOrder, readVisitAsShop } from "#app/outbox/read-visits.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import type { ShopifyAdmin } from "#app/shopify/ask-shopify.server.ts";
import { fetchCustomer } from "#app/shopify/customers.server.ts";
import { fetchOrder } from "#app/shopify/orders.server.ts";
import { loadMappingShop, type MappingShop } from "#app/shops/load-mapping-shops.server.ts";
import {
  createOutboxGateway,
  type OutboxGatewayServices,
  toResult,
} from "#app/tasks/shop/create-outbox-gateway.server.ts";
import { inputError, taskError } from "#app/tasks/task-error.server.ts";
import {
  explainFailure,
  explainSkip,
  type FlowAnswer,
  type FlowError,
  refuse,
  reportResult,
} from "./flow-answer.server.ts";
import { type FlowSubject, identifyFlowEvent, mapFlowEvent } from "./map-flow-event.server.ts";
import { type FlowAction, readFlowAction } from "./read-flow-action.server.ts";

export interface FlowServices extends OutboxGatewayServices {
  log: Logger;
}

/** A request of Shopify Flow whose signature is verified. */
export interface FlowRequest {
  shopDomain: string;
  body: string;
  admin: ShopifyAdmin;
}

/** Flow ends a request after ten seconds: what Shopify and what Pinterest may take of them. */
const SHOPIFY_WITHIN_MS = 4_000;
const WAIT_SECONDS = 4;

const NOT_INSTALLED: FlowError = {
  code: "not_installed",
  message: "This store does not have Pinrelay installed.",
  action: "Open Pinrelay in the Shopify admin, which installs it.",
};

/**
 * Runs the action once, however often Flow sends it: what the store has the event of is answered
 * from its row. Rejects only for a fault of the database.
 */
export async function sendFlowEvent(
  services: FlowServices,
  { shopDomain, body, admin }: FlowRequest,
): Promise<FlowAnswer> {
  const nowSeconds = Math.floor(services.nowMs() / 1_000);
  const read = readFlowAction(body, nowSeconds);
  if (!read.ok) return refuse(read.error);
  const { action } = read;
  const shop = await loadMappingShop(services.db.pool, shopDomain);
  if (shop === undefined) return refuse(NOT_INSTALLED);
  const answer =
    (await answerKnown(services, shop, action)) ??
    (await sendNew(services, { shop, action, admin, nowSeconds }));
  const { status } = answer;
  services.log.info({ shop: shopDomain, flowRun: action.runId, status }, "flow action answered");
  return answer;
}

/** Null: there is no such event yet, or one that was skipped for want of what comes now. */
async function answerKnown(
  services: FlowServices,
  shop: MappingShop,
  action: FlowAction,
): Promise<FlowAnswer | null> {
  const identity = identifyFlowEvent(action);
  const [standing] = (await readStandings(services, shop, [identity])).values();
  if (standing === undefined || standing.state === "skipped") return null;
  return reportResult(toResult(0, identity, standing, null));
}

async function sendNew(
  services: FlowServices,
  {
    shop,
    action,
    admin,
    nowSeconds,
  }: { shop: MappingShop; action: FlowAction; admin: ShopifyAdmin; nowSeconds: number },
): Promise<FlowAnswer> {
  if (shop.connection === null) return refuse(taskError("missing_token", "not_connected", {}));
  const subject = await findSubject(services, { shop, admin, action });
  if (!subject.ok) return subject.answer;
  const mapped = mapSafely(action, subject.found, shop, nowSeconds);
  if (mapped.ok === false) return refuse(mapped.error);
  const { outcome } = mapped.event;
  if (outcome.kind === "skip") return refuse(explainSkip(outcome.reason));
  const waitSeconds = shop.connection.state === "paused" ? 0 : WAIT_SECONDS;
  const events = [{ index: 0, mapped: mapped.event }];
  const [result] = await createOutboxGateway(services, { ...shop, actor: "flow" }).send(events, {
    waitSeconds,
  });
  return reportResult(result as NonNullable<typeof result>);
}

/** Returns the order with its shopper, or the customer, or an empty shopper. */
async function findSubject(
  services: FlowServices,
  { shop, admin, action }: { shop: MappingShop; admin: ShopifyAdmin; action: FlowAction },
): Promise<{ ok: true; found: FlowSubject } | { ok: false; answer: FlowAnswer }> {
  const { orderId, customerId } = action;
  const signal = AbortSignal.timeout(SHOPIFY_WITHIN_MS);
  if (orderId !== null) {
    const asked = await fetchOrder(admin, { orderId }, signal);
    if (!asked.ok) return { ok: false, answer: explainFailure(asked.failure, "order") };
    const { order, isSaleOptedOut } = asked.found;
    const visit = await readVisitAsShop(services, askByOrder(shop.id, order));
    return { ok: true, found: { order, shopper: order.shopper, isSaleOptedOut, visit } };
  }
  if (customerId !== null) {
    const asked = await fetchCustomer(admin, customerId, signal);
    if (!asked.ok) return { ok: false, answer: explainFailure(asked.failure, "customer") };
    return { ok: true, found: { order: null, visit: null, ...asked.found } };
  }
  return {
    ok: true,
    found: { order: null, shopper: NOBODY, isSaleOptedOut: false, visit: null },
  };
}

type Mapped = { ok: true; event: MappedEvent } | { ok: false; error: FlowError };

function mapSafely(
  action: FlowAction,
  subject: FlowSubject,
  shop: MappingShop,
  nowSeconds: number,
): Mapped {
  try {
    return { ok: true, event: mapFlowEvent(action, subject, buildPolicy(shop), nowSeconds) };
  } catch (error) {
    if (!(error instanceof UnfitEventError)) throw error;
    return { ok: false, error: inputError([{ path: "event", message: `is ${error.message}` }]) };
  }
}
