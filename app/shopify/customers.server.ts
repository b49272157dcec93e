import { z } from "zod";
import { readCountry } from "#app/events/country.ts";
import type { Address, Contact, Shopper } from "#app/events/store-event.ts";
import { askShopify, type ShopifyAdmin, type ShopifyAnswer } from "./ask-shopify.server.ts";

/** The fields of a person in a query; what the app may not see comes as null. */
export const ADDRESS = "{ firstName lastName city provinceCode zip countryCodeV2 phone }";
export const CUSTOMER = `{ legacyResourceId firstName lastName dataSaleOptOut
  defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } defaultAddress ${ADDRESS} }`;

const text = z.string().nullable();

export const addressNode = z
  .object({
    firstName: text,
    lastName: text,
    city: text,
    provinceCode: text,
    zip: text,
    countryCodeV2: text,
    phone: text,
  })
  .nullable();

export const customerNode = z.object({
  legacyResourceId: z.string(),
  firstName: text,
  lastName: text,
  /** Applies under laws that let people opt out of the sale of their data. */
  dataSaleOptOut: z.boolean(),
  defaultEmailAddress: z.object({ emailAddress: text }).nullable(),
  defaultPhoneNumber: z.object({ phoneNumber: text }).nullable(),
  defaultAddress: addressNode,
});

export interface FoundCustomer {
  shopper: Shopper;
  isSaleOptedOut: boolean;
}

const CUSTOMER_BY_ID = {
  text: `query CustomerById($id: ID!) { customer(id: $id) ${CUSTOMER} }`,
  data: z.object({ customer: customerNode.nullable() }),
};

/** The customer with this id, in digits. */
export async function fetchCustomer(
  admin: ShopifyAdmin,
  id: string,
  signal: AbortSignal,
): Promise<ShopifyAnswer<FoundCustomer>> {
  const variables = { id: `gid://shopify/Customer/${id}` };
  const asked = await askShopify(admin, CUSTOMER_BY_ID, variables, signal);
  if (!asked.ok) return asked;
  const { customer } = asked.found;
  if (customer === null) return { ok: false, failure: "not_found" };
  const own = { email: null, phone: null, billing: null, shipping: null };
  const shopper = readShopper({ ...own, customer });
  return { ok: true, found: { shopper, isSaleOptedOut: customer.dataSaleOptOut } };
}

interface ShopperNodes {
  /** The order's own, which goes before the customer's. */
  email: string | null;
  phone: string | null;
  customer: z.infer<typeof customerNode> | null;
  billing: z.infer<typeof addressNode>;
  shipping: z.infer<typeof addressNode>;
}

export function readShopper({ email, phone, customer, ...addresses }: ShopperNodes): Shopper {
  return {
    customerId: customer?.legacyResourceId ?? null,
    firstName: customer?.firstName || null,
    lastName: customer?.lastName || null,
    emails: contacts(email, customer?.defaultEmailAddress?.emailAddress),
    phones: contacts(phone, customer?.defaultPhoneNumber?.phoneNumber),
    billing: readAddress(addresses.billing),
    shipping: readAddress(addresses.shipping),
    home: readAddress(customer?.defaultAddress ?? null),
  };
}

function contacts(order: string | null, customer: string | null | undefined): Contact[] {
  return [
    ...(order ? [{ value: order, from: "order" as const }] : []),
    ...(customer ? [{ value: customer, from: "customer" as const }] : []),
  ];
}

function readAddress(node: z.infer<typeof addressNode>): Address | null {
  if (node === null) return null;
  const { firstName, lastName, city, provinceCode, zip, countryCodeV2, phone } = node;
  const countryCode = readCountry(countryCodeV2);
  return { firstName, lastName, city, provinceCode, zip, countryCode, phone };
}
