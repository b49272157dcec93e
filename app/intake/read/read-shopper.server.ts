import type { z } from "zod";
import { readCountry } from "#app/events/country.ts";
import type { Origin } from "#app/events/match-notes.ts";
import type { Address, Contact, Shopper } from "#app/events/store-event.ts";
import {
  optionalId,
  optionalObject,
  optionalText,
  presentObject,
  readId,
} from "./read-fields.server.ts";

export const addressField = optionalObject({
  first_name: optionalText,
  last_name: optionalText,
  city: optionalText,
  province_code: optionalText,
  zip: optionalText,
  country_code: optionalText,
  phone: optionalText,
});

export const CUSTOMER_FIELDS = {
  id: optionalId,
  admin_graphql_api_id: optionalText,
  email: optionalText,
  phone: optionalText,
  first_name: optionalText,
  last_name: optionalText,
  state: optionalText,
  default_address: addressField,
};

export const customerField = optionalObject(CUSTOMER_FIELDS);

interface ShopperSource {
  email: string | null | undefined;
  contactEmail: string | null | undefined;
  phone: string | null | undefined;
  customer: z.infer<typeof customerField>;
  billing: z.infer<typeof addressField>;
  shipping: z.infer<typeof addressField>;
}

export function readShopper(source: ShopperSource): Shopper {
  const customer = presentObject(source.customer);
  return {
    customerId: readId(customer?.id, customer?.admin_graphql_api_id),
    firstName: customer?.first_name || null,
    lastName: customer?.last_name || null,
    emails: presentContacts([
      ["order", source.email],
      ["contact", source.contactEmail],
      ["customer", customer?.email],
    ]),
    phones: presentContacts([
      ["order", source.phone],
      ["customer", customer?.phone],
    ]),
    billing: readAddress(source.billing),
    shipping: readAddress(source.shipping),
    home: readAddress(customer?.default_address),
  };
}

function presentContacts(values: [Origin, string | null | undefined][]): Contact[] {
  const contacts: Contact[] = [];
  for (const [from, value] of values) if (value) contacts.push({ value, from });
  return contacts;
}

function readAddress(field: z.infer<typeof addressField>): Address | null {
  const address = presentObject(field);
  if (address === null) return null;
  return {
    firstName: address.first_name || null,
    lastName: address.last_name || null,
    city: address.city || null,
    provinceCode: address.province_code || null,
    zip: address.zip || null,
    countryCode: readCountry(address.country_code),
    phone: address.phone || null,
  };
}
