import { type CollectedPerson, collectPerson } from "#app/outbox/redact/collect-person.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import {
  answerIdentity,
  type PrivacyServices,
  type RequestEnd,
  readCustomerRequest,
  type TakenRequest,
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
  request: Pick<TakenRequest, "id" | "shop_domain" | "received_at">,
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
