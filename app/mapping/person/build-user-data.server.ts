import { cleanName, type Typed } from "#app/events/clean-text.ts";
import type { UserData } from "#app/events/conversion-event.ts";
import type { Country } from "#app/events/country.ts";
import type { Origin } from "#app/events/match-notes.ts";
import type { Address, Shopper } from "#app/events/store-event.ts";
import {
  type BuiltUserData,
  collectKeys,
  type HashedValues,
  hashValues,
  identity,
} from "./hash-values.server.ts";
import { normalisePhone } from "./normalise-phone.server.ts";
import {
  normaliseCity,
  normaliseEmail,
  normaliseName,
  normaliseState,
  normaliseZip,
} from "./normalise-value.server.ts";

/**
 * Builds the shopper's match keys, hashed: this is where personal data ends. Billing and shipping
 * both count, because either may be the address that the shopper gave Pinterest; the customer's
 * default address is used where an order has neither (at a till).
 */
export function buildUserData(shopper: Shopper): BuiltUserData {
  const addresses = orderAddresses(shopper);
  const { list, origins } = addresses;
  const pick = (field: keyof Address) => list.map((address) => address[field]);
  const ofAddress = (field: keyof Address, normalise: (value: Typed) => string | null) =>
    hashValues(pick(field), { origins, normalise });
  const ofPerson = (field: "firstName" | "lastName") =>
    hashValues([...pick(field), shopper[field]], {
      origins,
      clean: cleanName,
      normalise: normaliseName,
    });
  return collectKeys({
    em: hashValues(
      shopper.emails.map(({ value }) => value),
      { origins: shopper.emails.map(({ from }) => from), normalise: normaliseEmail },
    ),
    ph: hashPhones(shopper, addresses),
    fn: ofPerson("firstName"),
    ln: ofPerson("lastName"),
    ct: ofAddress("city", normaliseCity),
    st: ofAddress("provinceCode", normaliseState),
    zp: hashValues(pick("zip"), {
      origins,
      normalise: normaliseZip,
      countryAt: (place) => list[place]?.countryCode ?? null,
    }),
    country: ofAddress("countryCode", (code) => code.toLowerCase()),
    external_id: hashValues([shopper.customerId], { origins: "customer", normalise: identity }),
  });
}

/** A shopper of whom nothing is known. */
export const NOBODY: Shopper = {
  customerId: null,
  firstName: null,
  lastName: null,
  emails: [],
  phones: [],
  billing: null,
  shipping: null,
  home: null,
};

/** The match keys of a customer whom a request names, as the payloads of their events have them. */
export function hashNamed(named: {
  customerId: string | null;
  email: string | null;
  phone: string | null;
}): UserData {
  const contacts = (value: string | null) =>
    value === null ? [] : [{ value, from: "customer" as const }];
  const { customerId, email, phone } = named;
  const shopper = { ...NOBODY, customerId, emails: contacts(email), phones: contacts(phone) };
  return buildUserData(shopper).userData;
}

/**
 * Finds the order's country: the shipping country, otherwise the billing country, otherwise the
 * customer's own.
 */
export function findCountry(shopper: Shopper): Country | null {
  const { shipping, billing, home } = shopper;
  return shipping?.countryCode ?? billing?.countryCode ?? home?.countryCode ?? null;
}

interface Addresses {
  list: readonly Address[];
  /** Countries by index in the list; the customer's own facts come after those of the addresses. */
  origins: readonly Origin[];
}

const BOTH: readonly Origin[] = ["billing", "shipping", "customer"];
const BILLING: readonly Origin[] = ["billing", "customer"];
const SHIPPING: readonly Origin[] = ["shipping", "customer"];
const HOME: readonly Origin[] = ["home", "customer"];
const NONE: readonly Origin[] = ["customer"];

function orderAddresses({ billing, shipping, home }: Shopper): Addresses {
  if (billing !== null && shipping !== null) return { list: [billing, shipping], origins: BOTH };
  if (billing !== null) return { list: [billing], origins: BILLING };
  if (shipping !== null) return { list: [shipping], origins: SHIPPING };
  return home === null ? { list: [], origins: NONE } : { list: [home], origins: HOME };
}

/** A phone number in an address is read by that address's country, the shopper's own by the order's. */
function hashPhones(shopper: Shopper, { list, origins }: Addresses): HashedValues {
  const country = findCountry(shopper);
  const own = shopper.phones.length;
  const numbers = [...shopper.phones.map(({ value }) => value), ...list.map(({ phone }) => phone)];
  return hashValues(numbers, {
    origins: [...shopper.phones.map(({ from }) => from), ...origins],
    normalise: normalisePhone,
    countryAt: (place) => list[place - own]?.countryCode ?? country,
    reason: "incomplete",
  });
}
