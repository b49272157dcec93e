import { parse } from "lossless-json";
import { z } from "zod";
import { boundedText } from "#app/events/bounded-text.ts";
import { hashNamed } from "#app/mapping/person/build-user-data.server.ts";
import { hashValues, identity } from "#app/mapping/person/hash-values.server.ts";
import { listTraceKeys } from "#app/mapping/person/trace-customer.server.ts";
import type { Person } from "#app/outbox/redact/find-person.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import type { Logger } from "#app/platform/logger.server.ts";
import type { DeletionServices } from "#app/shops/connection/request-deletion.server.ts";

/** The topics of Shopify's compliance requests. */
type RequestTopic = "customers/data_request" | "customers/redact" | "shop/redact";

export interface PrivacyServices {
  /** Its statements may take long: a shop may have millions of events. */
  db: Pick<Database, "pool" | "transaction" | "queryAsShop">;
  keyring: Keyring;
  log: Logger;
  pinterest: DeletionServices["pinterest"];
}

/** A request that this process has claimed. */
export interface ClaimedRequest {
  id: bigint;
  shop_domain: string;
  topic: RequestTopic;
  /** `done`: Pinterest is still to be asked. */
  state: "recorded" | "done";
  webhook_id: string;
  triggered_at: Date;
  received_at: Date;
  body: Buffer;
}

/**
 * How a request ended. `waits`: it is tried again, and the word says what for. `asksPinterest`: it is
 * done here, and Pinterest is asked next.
 */
export type RequestEnd =
  | { kind: "done"; removed: object; answer?: Buffer; asksPinterest?: boolean }
  | { kind: "needless" }
  | { kind: "waits"; for: "installed" };

/** Shopify gives an app so long ("Privacy law compliance", shopify.dev). */
export const DUE_DAYS = 30;
/** A request that is not done by then needs a person. */
export const LATE_DAYS = 20;

/** What a request says of the customer. */
export interface CustomerRequest {
  /** Digits. */
  customerId: string | null;
  email: string | null;
  phone: string | null;
  /** Digits. */
  orderIds: string[];
}

/** A request that has no form in which we could act on it. */
export class UnreadableRequestError extends Error {
  override name = "UnreadableRequestError";
  code = "unreadable_request";
}

/** A number, or the digits at the end of a global id. */
const id = boundedText(255).transform((text) => /(\d+)$/.exec(text)?.[1] ?? null);
const ids = z.array(id).transform((found) => found.filter((one) => one !== null));

const contact = boundedText(1_000);

/** A customer who is known by an e-mail address alone has no id, and some have no orders. */
const customerRequest = z.object({
  customer: z
    .object({ id: id.nullish(), email: contact.nullish(), phone: contact.nullish() })
    .nullish()
    .transform((customer) => customer ?? {}),
  orders_to_redact: ids.nullish(),
  orders_requested: ids.nullish(),
});

/**
 * Reads the body of a request about a customer. Numbers are read as their digits: an order's id may
 * exceed 2^53, where a float is another order's.
 *
 * @throws UnreadableRequestError
 */
export function readCustomerRequest(body: Buffer): CustomerRequest {
  const read = customerRequest.safeParse(parse(body.toString("utf8"), null, (digits) => digits));
  if (!read.success) throw new UnreadableRequestError("The request is not in Shopify's form");
  const { customer, orders_to_redact: redacted, orders_requested: requested } = read.data;
  return {
    customerId: customer.id ?? null,
    email: customer.email ?? null,
    phone: customer.phone ?? null,
    orderIds: [...new Set([...(redacted ?? []), ...(requested ?? [])])],
  };
}

/** What a customer's rows are found by. */
export function toPerson(
  {
    shop_domain: domain,
    received_at: askedAt,
  }: Pick<ClaimedRequest, "shop_domain" | "received_at">,
  customer: CustomerRequest,
): Person {
  const { customerId, orderIds } = customer;
  const traceKeys = listTraceKeys(domain, customer);
  const matchKeys = hashNamed(customer);
  return { customerId, orderIds, traceKeys, matchKeys, hashId, askedAt };
}

/** As `joinVisit` adds a browser's id to an event, and `buildUserData` a customer's. */
function hashId(id: string): string[] {
  return hashValues([id], { origins: "browser", normalise: identity }).digests;
}

/** The row to which a request's body is bound. */
export function requestIdentity(shopDomain: string, webhookId: string): string {
  return `compliance_request:${shopDomain}:${webhookId}`;
}

/** The row to which the answer to a request is bound. */
export function answerIdentity(shopDomain: string, requestId: bigint): string {
  return `compliance_answer:${shopDomain}:${requestId}`;
}
