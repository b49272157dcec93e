import { z } from "zod";
import { readCountry } from "#app/events/country.ts";
import type { Address, Contact, Shopper } from "#app/events/store-event.ts";

/** The parts of a query for a person; what the app may not see comes as null. */
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
  /** Under a law that lets people forbid the sale of their data. */
  dataSaleOptOut: z.boolean(),
  defaultEmailAddress: z.object({ emailAddress: text }).nullable(),
  defaultPhoneNumber: z.object({ phoneNumber: text }).nullable(),
  defaultAddress: addressNode,
});

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
