import { addressOf, createPerson, type Person, placeOf } from "./sample-people.ts";
import { createRandom, jsonId } from "./sample-random.ts";

/** ISO 8601 with the shop's offset, whole seconds: `2026-11-24T05:00:00-05:00`. */
export function shopTime(at: Date): string {
  const shifted = new Date(at.getTime() - 5 * 60 * 60 * 1000);
  return `${shifted.toISOString().slice(0, 19)}-05:00`;
}

export type Overrides = Record<string, unknown>;

export interface CustomerOptions {
  id: bigint | number | string;
  seed?: number;
  country?: string;
  createdAt?: Date;
  /** Default: the seed's. */
  person?: Person;
  overrides?: Overrides;
}

/** The `customer` of orders and checkouts, 2026-10: no marketing consent, no tags, no counts. */
export function customerOf(id: bigint | number | string, person: Person, at: Date) {
  const address = addressOf(person);
  return {
    id: jsonId(id),
    created_at: shopTime(at),
    updated_at: shopTime(at),
    first_name: person.firstName,
    last_name: person.lastName,
    state: "disabled",
    note: null,
    verified_email: true,
    multipass_identifier: null,
    tax_exempt: false,
    email: person.email,
    phone: person.phone,
    currency: person.place.currency,
    tax_exemptions: [],
    admin_graphql_api_id: `gid://shopify/Customer/${id}`,
    default_address: {
      id: jsonId(BigInt(id) + 7n),
      customer_id: jsonId(id),
      first_name: person.firstName,
      last_name: person.lastName,
      company: null,
      address1: address.address1,
      address2: null,
      city: address.city,
      province: address.province,
      country: address.country,
      zip: address.zip,
      phone: address.phone,
      name: address.name,
      province_code: address.province_code,
      country_code: address.country_code,
      country_name: address.country,
      default: true,
    },
  };
}

/** The body of `customers/create` and `customers/update`. */
export function customerBody(options: CustomerOptions) {
  const random = createRandom(options.seed ?? Number(BigInt(options.id) % 2_147_483_647n));
  const person = options.person ?? createPerson(random, placeOf(options.country ?? "US"));
  const at = options.createdAt ?? new Date();
  return { ...customerOf(options.id, person, at), addresses: [], ...options.overrides };
}
