import { cleanName, type Typed } from "#app/events/clean-text.ts";
import { ipAddress, type UserData } from "#app/events/conversion-event.ts";
import type { Country } from "#app/events/country.ts";
import { addNote, type LeftOutReason, leftOut, type Origin } from "#app/events/match-notes.ts";
import { personalAddress } from "#app/events/public-address.ts";
import { soundBySchema } from "#app/events/sound-by-schema.ts";
import type { Address, Shopper, StoreOrder } from "#app/events/store-event.ts";
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
  const { userData } = buildUserData(shopper);
  // Payloads from before a change of `normaliseEmail` have the email in a form that it no longer makes.
  const { digests } = hashValues([email], {
    origins: "customer",
    normalise: (typed) => typed.toLowerCase(),
  });
  const em = [...new Set([...(userData.em ?? []), ...digests])];
  return em.length > 0 ? { ...userData, em } : userData;
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

interface BrowserData {
  userData: Pick<UserData, "client_ip_address" | "client_user_agent">;
  /** The given notes with those of the two keys added. */
  notes: string;
}

const isAddress = soundBySchema(ipAddress);

/** The `source_name` of sales that the staff make themselves. */
const STAFF_SOURCES = ["pos", "shopify_draft_order"];

/**
 * Reads the shopper's IP address and user agent. In draft orders and at tills they are those of the
 * staff, who would be credited with every purchase of the shop.
 */
export function readBrowser(order: StoreOrder, notes: string): BrowserData {
  const withheld = whyWithheld(order);
  if (withheld !== null) return { userData: {}, notes: explainBrowser(notes, withheld) };
  const { ip: noted, userAgent } = order.browser;
  const ip = noted === null ? null : readAddress(noted);
  const missing = leftOut(order.isReread ? "reread" : "absent");
  const ipNote = ip !== null ? "order" : noted === null ? missing : leftOut("unusable");
  const agentNote = userAgent === null ? missing : "order";
  return {
    userData: {
      ...(ip === null ? {} : { client_ip_address: ip }),
      ...(userAgent === null ? {} : { client_user_agent: userAgent }),
    },
    notes: addNote(addNote(notes, "client_ip_address", ipNote), "client_user_agent", agentNote),
  };
}

/**
 * The person's IP address as Pinterest accepts it; null for an invalid one, and for addresses of
 * private networks and of the machine itself: with a user agent, one of these would match everyone
 * behind it as the same person.
 */
export function readAddress(text: string): string | null {
  return isAddress(text) || ipAddress.safeParse(text).success ? personalAddress(text) : null;
}

/** Adds to the notes one reason why the event has neither IP address nor user agent. */
export function explainBrowser(notes: string, reason: LeftOutReason): string {
  const note = leftOut(reason);
  return addNote(addNote(notes, "client_ip_address", note), "client_user_agent", note);
}

function whyWithheld(order: StoreOrder): LeftOutReason | null {
  if (order.isMadeByStaff || STAFF_SOURCES.includes(order.sourceName)) return "staff";
  return order.sourceName === "web" ? null : "elsewhere";
}
