import { redactPerson } from "#app/outbox/redact/redact-person.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import {
  type PrivacyServices,
  type RequestEnd,
  readCustomerRequest,
  type TakenRequest,
  toPerson,
} from "./privacy-request.server.ts";

/** Removes what is kept of a customer. Of a shop that is not known nothing is kept. */
export async function redactCustomer(
  { db, keyring }: Pick<PrivacyServices, "db" | "keyring">,
  request: Pick<TakenRequest, "shop_domain" | "received_at">,
  body: Buffer,
): Promise<RequestEnd> {
  const shop = await findShop({ db }, request.shop_domain);
  const customer = readCustomerRequest(body);
  if (shop === null) return { kind: "done", removed: {} };
  const removed = await redactPerson({ db, keyring }, shop, toPerson(request, customer));
  return { kind: "done", removed, asksPinterest: customer.email !== null };
}
