import { writeAuditEntry } from "#app/audit/write-audit-entry.server.ts";
import { type CollectedPerson, collectPerson } from "#app/outbox/redact/collect-person.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Keyring } from "#app/platform/keyring.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import {
  answerIdentity,
  type ClaimedRequest,
  type PrivacyServices,
  type RequestEnd,
  readCustomerRequest,
  toPerson,
} from "./privacy-request.server.ts";

const ABOUT =
  "All that Pinrelay keeps of this customer: the events of their orders, their checkouts and their sign-up, and those by hand with their email or customer id, with what was sent to Pinterest and what Pinterest answered, and what their browsers told of their checkouts and of the pages, searches and carts beside them. Email, phone, name and address are only kept as SHA-256 hashes. Send it to the customer as your answer, or as a part of it. Shopify's own data, and what Pinterest keeps, are not in it.";

/**
 * Makes the answer for the merchant, who passes it on to the customer: Shopify leaves that to them. It
 * holds personal data, so it is stored encrypted, for 30 days.
 */
export async function answerDataRequest(
  { db, keyring }: Pick<PrivacyServices, "db" | "keyring">,
  request: Pick<ClaimedRequest, "id" | "shop_domain" | "received_at">,
  body: Buffer,
): Promise<RequestEnd> {
  const { shop_domain: domain } = request;
  const customer = readCustomerRequest(body);
  const shop = await findShop({ db }, domain);
  if (shop === null) return { kind: "done", removed: {} };
  const person = toPerson(request, customer);
  const collected = await collectPerson({ pool: db.pool, keyring }, shop, person);
  const answer = describeAnswer(domain, customer, collected);
  const text = JSON.stringify(answer, null, 2);
  const identity = answerIdentity(domain, request.id);
  return {
    kind: "done",
    removed: { events: collected.events.length, visits: collected.visits.length },
    answer: await keyring.encrypt(db.pool, shop.id, text, identity),
  };
}

function describeAnswer(
  shop: string,
  { customerId, orderIds }: { customerId: string | null; orderIds: string[] },
  { events, visits, cutAt }: CollectedPerson,
): object {
  return {
    about: ABOUT,
    shop,
    customer: customerId,
    orders: orderIds,
    ...(cutAt !== null && {
      incomplete: `Pinrelay keeps more than ${cutAt} events of this customer. Those of orders come first, and then the newest: older ones are not in it.`,
    }),
    events: events.map(({ happenedAt, receivedAt, settledAt, payload, requests, ...event }) => ({
      ...event,
      happened_at: happenedAt,
      received_at: receivedAt,
      settled_at: settledAt,
      sent_to_pinterest: payload ?? "no longer kept, or never sent",
      requests,
    })),
    visits: visits.map(({ key, toldAt, visit }) => ({ key, told_at: toldAt, ...visit })),
  };
}

/**
 * Decrypts the answer to a request of a shop's customer, and notes who read it first: it holds personal
 * data. Null: the shop has no such answer, or has it no longer.
 */
export async function readAnswer(
  { db, keyring }: { db: Pick<Database, "pool" | "transaction" | "queryAsShop">; keyring: Keyring },
  shop: { id: bigint; domain: string },
  { requestId, actor }: { requestId: bigint; actor: string },
): Promise<Buffer | null> {
  const rows = await db.queryAsShop<{ answer: Buffer }>(shop.id, {
    text: `select answer from compliance_request
      where id = $1 and shop_domain = $2 and answer is not null`,
    values: [requestId.toString(), shop.domain],
  });
  const answer = rows[0]?.answer;
  if (answer === undefined) return null;
  const text = await keyring.decrypt(db.pool, answer, answerIdentity(shop.domain, requestId));
  const entry = { shopId: shop.id, actor, action: "privacy.download" };
  await db.transaction((client) =>
    writeAuditEntry(client, { ...entry, after: { request: String(requestId) } }),
  );
  return text;
}
