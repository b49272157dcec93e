import type { Random } from "./sample-random.ts";

export interface Place {
  countryCode: string;
  country: string;
  currency: string;
  locale: string;
  /** Share of the price, 0.2 is 20 %. */
  taxRate: number;
  taxName: string;
  city: string;
  zip: string;
  province: string | null;
  provinceCode: string | null;
  /** Numbers from ranges reserved for fiction, if the country has one; `##` becomes two digits. */
  phone: string;
}

type PlaceRow = [
  countryCode: string,
  country: string,
  currency: string,
  locale: string,
  taxRate: number,
  taxName: string,
  city: string,
  zip: string,
  province: string | null,
  provinceCode: string | null,
  phone: string,
];

const ROWS: PlaceRow[] = [
  [
    "US",
    "United States",
    "USD",
    "en-US",
    0.0725,
    "State Tax",
    "San José",
    "94107-1234",
    "California",
    "CA",
    "+1 415-555-01##",
  ],
  [
    "CA",
    "Canada",
    "CAD",
    "en-CA",
    0.13,
    "HST",
    "Ottawa",
    "K2P 1L4",
    "Ontario",
    "ON",
    "(613) 555-01##",
  ],
  [
    "GB",
    "United Kingdom",
    "GBP",
    "en-GB",
    0.2,
    "VAT",
    "London",
    "SW1A 1AA",
    "England",
    "ENG",
    "020 7946 01##",
  ],
  ["DE", "Germany", "EUR", "de-DE", 0.19, "MwSt", "Köln", "50667", null, null, "030 231250##"],
  [
    "FR",
    "France",
    "EUR",
    "fr-FR",
    0.2,
    "TVA",
    "Saint-Étienne",
    "42000",
    null,
    null,
    "06 39 98 01 ##",
  ],
  [
    "NL",
    "Netherlands",
    "EUR",
    "nl-NL",
    0.21,
    "BTW",
    "'s-Hertogenbosch",
    "5211 AA",
    null,
    null,
    "+31 20 123 45##",
  ],
  [
    "AU",
    "Australia",
    "AUD",
    "en-AU",
    0.1,
    "GST",
    "Melbourne",
    "3000",
    "Victoria",
    "VIC",
    "0491 570 1##",
  ],
  [
    "JP",
    "Japan",
    "JPY",
    "ja-JP",
    0.1,
    "消費税",
    "渋谷区",
    "150-0002",
    "Tōkyō",
    "JP-13",
    "090-1234-56##",
  ],
  [
    "KW",
    "Kuwait",
    "KWD",
    "en-KW",
    0,
    "VAT",
    "Kuwait City",
    "13001",
    "Al Asimah",
    "KW-KU",
    "+965 5000 01##",
  ],
  ["SE", "Sweden", "SEK", "sv-SE", 0.25, "Moms", "Göteborg", "411 05", null, null, "031-390 06 ##"],
  [
    "BR",
    "Brazil",
    "BRL",
    "pt-BR",
    0.17,
    "ICMS",
    "São Paulo",
    "01310-100",
    "São Paulo",
    "SP",
    "(11) 91234-56##",
  ],
];

function toPlace(row: PlaceRow): Place {
  const [countryCode, country, currency, locale, taxRate, taxName] = row;
  const [city, zip, province, provinceCode, phone] = [row[6], row[7], row[8], row[9], row[10]];
  const money = { currency, locale, taxRate, taxName };
  return { countryCode, country, ...money, city, zip, province, provinceCode, phone };
}

export const PLACES: readonly Place[] = ROWS.map(toPlace);

/** The place of a country, the first one for a country that is not listed. */
export function placeOf(countryCode: string): Place {
  const found = PLACES.find((place) => place.countryCode === countryCode);
  return found ?? { ...(PLACES[0] as Place), countryCode };
}

/** Invented names, odd enough that a search for them in a database finds only a leak. */
const FIRST_NAMES =
  "Zephyrine Thaddëus Wilhelmína Ignatzio Philomène Quintrell Ottoline Bartolomë 架空花子".split(
    " ",
  );
const LAST_NAMES =
  "Quillfeather Beispielmann O'Sampleton Fauxnomme Nádherná-Test Van-der-Voorbeeld Exampleworthy Mockington".split(
    " ",
  );
const AGENTS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.6778.# Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1.# Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.7; rv:132.#) Gecko/20100101 Firefox/132.#",
];

export interface Person {
  firstName: string;
  lastName: string;
  email: string;
  phone: string;
  street: string;
  ip: string;
  userAgent: string;
  place: Place;
}

/** A shopper who does not exist: example.com, addresses of documentation ranges, fictional numbers. */
export function createPerson(random: Random, place: Place): Person {
  const firstName = random.pick(FIRST_NAMES);
  const lastName = random.pick(LAST_NAMES);
  const box = `shopper.${random.hex(8)}`;
  const digits = String(random.integer(10, 100));
  const isV6 = random.chance(0.2);
  const last = random.integer(1, 255);
  return {
    firstName,
    lastName,
    email: random.chance(0.3) ? `${box.toUpperCase()}@Example.com` : `${box}@example.org`,
    phone: place.phone.replace("##", digits),
    street: `${random.integer(1, 900)} Nowhere-${random.hex(4)} Lane`,
    ip: isV6 ? `2001:db8:${random.hex(4)}::${last.toString(16)}` : `203.0.113.${last}`,
    userAgent: random.pick(AGENTS).replaceAll("#", String(random.integer(1000, 9999))),
    place,
  };
}

/** An address in the form of orders and checkouts. */
export function addressOf(person: Person) {
  const { firstName, lastName, place } = person;
  return {
    first_name: firstName,
    address1: person.street,
    phone: person.phone,
    city: place.city,
    zip: place.zip,
    province: place.province,
    country: place.country,
    last_name: lastName,
    address2: null,
    company: null,
    latitude: null,
    longitude: null,
    name: `${firstName} ${lastName}`,
    country_code: place.countryCode,
    province_code: place.provinceCode,
  };
}
