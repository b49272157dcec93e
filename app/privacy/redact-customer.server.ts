import { listTraceKeys } from "#app/mapping/person/trace-customer.server.ts";
import { redactPerson } from "#app/outbox/redact/redact-person.server.ts";
import { findShop } from "#app/shops/find-shop.server.ts";
import {
  type PrivacyServices,
  type RequestEnd,
  readCustomerRequest,
  type TakenRequest,
} from "./privacy-request.server.ts";

/** Removes what is kept of a customer. Of a shop that is not known nothing is kept. */
export async function redactCustomer(
  { db }: Pick<PrivacyServices, "db">,
  { shop_domain: domain }: Pick<TakenRequest, "shop_domain">,
  body: Buffer,
): Promise<RequestEnd> {
  const { customerId, email, orderIds } = readCustomerRequest(body);
  const shop = await findShop({ db }, domain);
  if (shop === null) return { kind: "done", removed: {} };
  const traceKeys = listTraceKeys(domain, { customerId, email });
  const removed = await redactPerson({ db }, shop, { customerId, orderIds, traceKeys });
  return { kind: "done", removed };
}
