import type { z } from "zod";
import type { EventName } from "#app/events/conversion-event.ts";
import { soundBySchema } from "#app/events/sound-by-schema.ts";
import type { Buyer, StoreEvent } from "#app/events/store-event.ts";
import { readToken } from "./read-basket.server.ts";
import { checkoutBody, readCheckout } from "./read-checkout.server.ts";
import { customerBody, readCustomer } from "./read-customer.server.ts";
import { isDateTime, readId, toSeconds } from "./read-fields.server.ts";
import { parseJsonObject, parseLongIntegers } from "./read-json-object.server.ts";
import { orderBody, readOrder } from "./read-order.server.ts";

export type ReadWebhook =
  | { kind: "not_an_object" }
  /** The topic feeds no event. */
  | { kind: "unused" }
  | { kind: "store_event"; event: StoreEvent }
  | Unreadable;

export interface Unreadable {
  kind: "unreadable";
  eventName: EventName;
  /**
   * The id of the order or customer, or the token of the checkout, where it can be read. For a
   * faulty number the Admin API's copy is used: it is enough to fetch the resource again.
   */
  sourceKey: string | null;
  orderId: string | null;
  /** The buyer; null where no readable field identifies one. */
  buyer: Buyer | null;
  /** Each faulty path and what was expected there; never a value of the webhook. */
  problem: string;
}

type Body = Record<string, unknown>;

const parseOrder = quickly(orderBody);
const parseCheckout = quickly(checkoutBody);
const parseCustomer = quickly(customerBody);

const MAX_PROBLEM = 2_000;
const NO_ID = "id: expected a whole number above 0";

/**
 * Reads the body of a verified webhook. Never throws, whatever was signed. Ids that a float cannot
 * hold are rejected, and the body is then parsed again with all digits.
 */
export function readWebhook(topic: string, body: Buffer): ReadWebhook {
  const object = parseJsonObject(body);
  if (object === null) return { kind: "not_an_object" };
  const read = readObject(topic, object);
  const exact = read.kind === "unreadable" ? parseLongIntegers(body) : null;
  return exact === null ? read : readObject(topic, exact);
}

function readObject(topic: string, object: Body): ReadWebhook {
  switch (topic) {
    case "orders/create":
      return readOrderAs("order_created", object);
    case "orders/paid":
      return readOrderAs("order_paid", object);
    case "orders/cancelled":
      return readOrderAs("order_cancelled", object);
    case "checkouts/create":
    case "checkouts/update":
      return readCheckoutStarted(object);
    case "customers/create":
      return readCustomerCreated(object);
    default:
      return { kind: "unused" };
  }
}

/** A valid body is used without a copy, with the keys that are not read. */
function quickly<S extends z.ZodType>(schema: S) {
  const isSound = soundBySchema(schema);
  return (object: Body): z.ZodSafeParseResult<z.output<S>> =>
    isSound(object) ? { success: true, data: object } : schema.safeParse(object);
}

type OrderKind = Extract<StoreEvent, { order: unknown }>["kind"];

function readOrderAs(kind: OrderKind, object: Body): ReadWebhook {
  const parsed = parseOrder(object);
  const order = parsed.success ? readOrder(parsed.data) : parsed.error;
  if (typeof order === "object" && "shopper" in order) {
    return { kind: "store_event", event: { kind, order } };
  }
  const orderId = readId(object.id, object.admin_graphql_api_id);
  const identity = { eventName: "checkout", sourceKey: orderId, orderId } as const;
  return unreadable({ ...identity, buyer: readBuyer(object, object.processed_at) }, order);
}

function readCheckoutStarted(object: Body): ReadWebhook {
  const parsed = parseCheckout(object);
  if (!parsed.success) {
    const identity = { eventName: "initiate_checkout", orderId: null } as const;
    const sourceKey = readToken(object.token);
    return unreadable({ ...identity, sourceKey, buyer: readBuyer(object, null) }, parsed.error);
  }
  const checkout = readCheckout(parsed.data);
  return { kind: "store_event", event: { kind: "checkout_started", checkout } };
}

function readCustomerCreated(object: Body): ReadWebhook {
  const parsed = parseCustomer(object);
  const customer = parsed.success ? readCustomer(parsed.data) : null;
  if (customer !== null) {
    return { kind: "store_event", event: { kind: "customer_created", customer } };
  }
  const sourceKey = readId(object.id, object.admin_graphql_api_id);
  const identity = { eventName: "signup", sourceKey, orderId: null, buyer: null } as const;
  return unreadable(identity, parsed.error ?? NO_ID);
}

/**
 * Finds the buyer in a body that is faulty elsewhere: even if the order cannot be sent, the person
 * has bought, and is not a sign-up.
 */
function readBuyer(body: Body, happenedAt: unknown): Buyer | null {
  const customer = (body.customer ?? {}) as Body;
  const customerId = readId(customer.id, customer.admin_graphql_api_id);
  const emails = [body.email, body.contact_email, customer.email].filter(
    (value) => typeof value === "string",
  );
  if (customerId === null && emails.length === 0) return null;
  const at = [happenedAt, body.created_at].find(isDateTime);
  return {
    shopper: { customerId, emails: emails.map((value) => ({ value, from: "order" as const })) },
    occurredAtSeconds: at === undefined ? null : toSeconds(at),
  };
}

function unreadable(
  identity: Omit<Unreadable, "kind" | "problem">,
  error: z.ZodError | string,
): Unreadable {
  const faults =
    typeof error === "string" ? [error] : error.issues.flatMap((issue) => describe(issue));
  const isIdNamed = faults.some((fault) => fault.startsWith("id: ") || fault.startsWith("token: "));
  if (identity.sourceKey === null && !isIdNamed) faults.unshift(NO_ID);
  return { kind: "unreadable", ...identity, problem: joinFaults(faults) };
}

/** An optional object fails as a union; its first branch, the object, names the fault inside. */
function describe(issue: z.core.$ZodIssue, parents: PropertyKey[] = []): string[] {
  const path = [...parents, ...issue.path];
  const inner = issue.code === "invalid_union" ? issue.errors[0] : undefined;
  return inner === undefined
    ? [`${path.join(".")}: ${issue.message}`]
    : inner.flatMap((part) => describe(part, path));
}

/** Limits the stored text: a body with hundreds of faulty lines must not fill the column. */
function joinFaults(faults: string[]): string {
  const text = faults.join("; ");
  if (text.length <= MAX_PROBLEM) return text;
  const end = text.lastIndexOf(";", MAX_PROBLEM);
  return `${text.slice(0, end)}; and more (${faults.length} faults)`;
}
