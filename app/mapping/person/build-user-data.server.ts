import type { UserData } from "#app/events/conversion-event.ts";
import type { Address, Shopper } from "#app/events/store-event.ts";
import { hashAll, hashDigests, type Values, withoutEmpty } from "./hash-values.server.ts";
import { normalisePhone } from "./normalise-phone.server.ts";
import {
  normaliseCity,
  normaliseEmail,
  normaliseName,
  normaliseState,
  normaliseZip,
} from "./normalise-value.server.ts";

/**
 * The shopper's match keys, hashed: this is where personal data ends. Billing and shipping both
 * count, since either may be the address that the shopper gave Pinterest; the customer's default
 * address stands in where an order has neither (at a till).
 */
export function buildUserData(shopper: Shopper): UserData {
  const addresses = orderAddresses(shopper);
  const countryCode = countryOf(shopper);
  const zips = addresses.map(
    (address) => address.zip && normaliseZip(address.zip, address.countryCode),
  );
  const countries = addresses.map((address) => address.countryCode?.toLowerCase());
  return withoutEmpty({
    em: hashAll(shopper.emails, normaliseEmail),
    ph: hashDigests(listPhones(shopper, addresses, countryCode)),
    fn: hashAll(
      [...addresses.map((address) => address.firstName), shopper.firstName],
      normaliseName,
    ),
    ln: hashAll([...addresses.map((address) => address.lastName), shopper.lastName], normaliseName),
    ct: hashAll(
      addresses.map((address) => address.city),
      normaliseCity,
    ),
    st: hashAll(
      addresses.map((address) => address.provinceCode),
      normaliseState,
    ),
    zp: hashDigests(zips),
    country: hashDigests(countries),
    external_id: hashDigests([shopper.customerId]),
  });
}

/** The order's country: where it goes, else where it is paid from, else where the customer lives. */
export function countryOf(shopper: Shopper): string | null {
  const { shipping, billing, home } = shopper;
  return shipping?.countryCode ?? billing?.countryCode ?? home?.countryCode ?? null;
}

function orderAddresses({ billing, shipping, home }: Shopper): Address[] {
  const given = [billing, shipping].filter((address) => address !== null);
  if (given.length > 0) return given;
  return home === null ? [] : [home];
}

/** A number in an address is read in that address's country, the shopper's own in the order's. */
function listPhones(shopper: Shopper, addresses: Address[], countryCode: string | null): Values {
  const numbers = new Map<string, string | null>();
  const add = (phone: string | null, country: string | null) => {
    if (phone === null) return;
    const key = `${country} ${phone}`;
    if (!numbers.has(key)) numbers.set(key, normalisePhone(phone, country));
  };
  for (const phone of shopper.phones) add(phone, countryCode);
  for (const address of addresses) add(address.phone, address.countryCode ?? countryCode);
  return [...numbers.values()];
}
