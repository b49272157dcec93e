import { dropInvisible, type Typed } from "#app/events/clean-text.ts";
import { type Country, readCountry } from "#app/events/country.ts";

/**
 * The form that Pinterest expects before SHA-256. Each function returns null where nothing is left
 * that could match: the hash of an empty text would match every other shopper without that value.
 */

/** The longest address that mail servers accept, with a name before it. */
const MAX_EMAIL = 320;
/** Characters that forms and lists leave before and behind an address. */
const BEFORE_EMAIL =
  /^(?:mailto:|e-?mail(?::|\s+(?:[-=:]\s+)?)|%20|&(?:lt|quot|nbsp|#39);|[\s"'`“”„‘’‚«»‹›(<[{;,:])+/i;
const BEHIND_EMAIL =
  /(?:\([^()@]*\)|%20|&(?:gt|quot|nbsp|#39);|[\s"'`“”„‘’‚«»‹›)>\]};,.:!|*/\\])+$/i;
/** Before an address these may belong to it, as in `{jane}@example.com`, if they are not closed. */
const MAY_BEGIN_EMAIL = /["'`{]/g;
const CLOSING: ReadonlyMap<string, RegExp> = new Map([
  ['"', /"/],
  ["'", /'/],
  ["`", /['`]/],
  ["{", /\}/],
]);
/** The quote may be a part of the address, a spreadsheet's apostrophe or half of a pair. */
const OPEN_QUOTE = /^['`](?!.*['`]@)/;
/** `?subject=…` behind the address of a link; no domain has a question mark. */
const QUERY = /^([^@]*@[^@?]*)\?[^@]*$/;
/** A local part, and a domain of at least two labels, the last of which is of letters, or an escaped one. */
const EMAIL =
  /^(?:(?!\p{Extended_Pictographic})[^@\s,;:<>()[\]\\"])+@(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?\.)+(?:xn--[a-z\d-]*[a-z\d]|[\p{L}\p{M}]{2,})$/u;
/** `Jane - jane@example.com`: joined, the words would be another address. */
const DASH_BETWEEN_WORDS = /\s-|-\s/;
/** What forms and staff write where there is no address: one hash for all who gave none. */
const NO_ADDRESS =
  /^(?:no[-_.]?(?:e?-?mail|reply)|do[-_.]?not[-_.]?reply|none|null|undefined|unknown)@/;
const NO_DOMAINS = [".invalid", ".local", ".localhost"];

/** The common form: a subset of `EMAIL`, with nothing around it. */
const USUAL_EMAIL = /^[a-z0-9][a-z0-9._%+-]*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/;

export function normaliseEmail(value: Typed): string | null {
  const email = findAddress(value);
  if (email === null || NO_ADDRESS.test(email)) return null;
  return NO_DOMAINS.some((end) => email.endsWith(end)) ? null : email;
}

function findAddress(value: Typed): string | null {
  const plain = value.toLowerCase();
  if (plain.length <= MAX_EMAIL && USUAL_EMAIL.test(plain)) return plain;
  const text = withoutRepeats(decode(toLower(narrow(value))));
  const from = text.lastIndexOf("<");
  const to = text.indexOf(">", from);
  // The address inside `Jane <jane@example.com>`.
  const address = from !== -1 && to !== -1 ? text.slice(from + 1, to) : text;
  if (address.length > MAX_EMAIL) return null;
  // With two addresses, the second may be another person's.
  if (from !== -1 && text.replaceAll(address, "").includes("@")) return null;
  const words = withoutSurroundings(address.replace(QUERY, "$1"));
  if (DASH_BETWEEN_WORDS.test(words)) return null;
  const email = words.replace(/\s+/g, "");
  return EMAIL.test(email) && !OPEN_QUOTE.test(email) ? email : null;
}

/** `jane%40example.com`, as it stands in a link, and the `&` of a page's source. */
function decode(text: string): string {
  const plain = text.replaceAll("&amp;", "&");
  if (plain.includes("@") || !plain.includes("%")) return plain;
  try {
    return toLower(narrow(dropInvisible(decodeURIComponent(plain))));
  } catch {
    // Not escaped: without an `@`, no address.
    return "";
  }
}

/** One address given twice is no second person's. */
function withoutRepeats(text: string): string {
  const [first = text, ...others] = text.split(/[\s,;|]+/);
  return others.every((other) => other === first) ? first : text;
}

/** Also turns the stops and hyphens of all keyboards into those of an address. */
function narrow(text: string): string {
  return toUsualWidth(text)
    .replace(/[\u3002\uff61]/g, ".")
    .replace(/[\u2010\u2011\u2212]/g, "-");
}

const PLAIN = /^[ -~]*$/;
/** Full-width letters and marks, half-width kana, and the ligatures and small signs of copied print. */
const HAS_OTHER_WIDTH = /[\ufb00-\uffff]/;
const OTHER_WIDTH = /[\uff01-\uff5e\uff66-\uff9f\ufb00-\ufb06\ufe6b]+/g;

/** Returns the text as it is written in plain letters: Japanese keyboards have two widths. `²` is no 2. */
function toUsualWidth(text: string): string {
  if (PLAIN.test(text)) return text;
  if (!HAS_OTHER_WIDTH.test(text)) return text.normalize("NFC");
  return text.replace(OTHER_WIDTH, (letters) => letters.normalize("NFKC")).normalize("NFC");
}

function withoutSurroundings(text: string): string {
  const behind = BEHIND_EMAIL.exec(text)?.[0] ?? "";
  const before = BEFORE_EMAIL.exec(text)?.[0] ?? "";
  const own = [...before.matchAll(MAY_BEGIN_EMAIL)].find(
    ([mark]) => CLOSING.get(mark)?.test(behind) !== true,
  );
  return text.slice(own?.index ?? before.length, text.length - behind.length);
}

/** The capital İ of Turkish becomes an i with a second dot above it, which nobody sees. */
function toLower(text: string): string {
  return text.toLowerCase().replaceAll("i\u0307", "i");
}

const LETTER = /\p{L}/u;
/** What staff type where a form asks for a name. */
const NO_NAME = /^(?:x{2,}|no (?:first|last|given|family|sur) ?name)$/;

/** Inner spaces and punctuation stay: Pinterest's rule for names asks only for lower case. */
export function normaliseName(value: Typed): string | null {
  const name = toLower(toUsualWidth(value).trim());
  return LETTER.test(name) && !NO_NAME.test(name) ? name : null;
}

/**
 * White space, punctuation and symbols are removed; letters and combining marks of any script stay,
 * because Indian and Thai names would break without them. Digits stay as well: Pinterest asks for
 * no spaces and no punctuation, and "6th of October City" is a name.
 */
export function normaliseCity(value: Typed): string | null {
  const city = toLower(toUsualWidth(value)).replace(/[^\p{L}\p{M}\p{N}]+/gu, "");
  return LETTER.test(city) ? city : null;
}

/** Accepts an existing country's code of two letters; a country's name is not accepted. */
export function normaliseCountry(value: Typed): string | null {
  return readCountry(value)?.toLowerCase() ?? null;
}

/**
 * Accepts Shopify's `province_code`, `KY` → `ky`, and ISO's `US-KY`. The name of a state stays
 * as it is: nothing here knows its code.
 */
export function normaliseState(value: Typed): string | null {
  const state = toLower(toUsualWidth(value).trim());
  return state.replace(/^(?:us|ca)-(?=[a-z]{2}$)/, "") || null;
}

/** Digits of any script become ASCII digits: Japanese and Arabic keyboards type their own. */
export function normaliseZip(value: Typed, country: Country | null): string | null {
  const zip = formPostcode(plainDigits(value).toLowerCase(), country);
  // Zeros alone fill forms in countries without postcodes.
  return zip === null || /^0*$/.test(zip) ? null : zip;
}

/**
 * Countries whose postcodes are digits, by the fewest that one has. People put letters before them
 * (`D-10115`, `SE-114 55`) or a mark between (`00-950`); with fewer digits, a spreadsheet has removed
 * the zeros before them or a part is missing, and it is another place's. The table comes from the
 * patterns of the package `postcode-validator` 3.10.22 (MIT), which has one for each country: those
 * that need no letter; EC and NI follow Google's libaddressinput, because the package has old forms.
 * A country that is missing here keeps any letters that are not part of the postcode.
 */
const FEWEST_DIGITS: ReadonlyMap<string, number> = new Map(
  (
    [
      [3, "BH FO GN IS LS MG OM PG TW"],
      [
        4,
        "AF AI AL AM AT AU AZ BD BE BG CC CH CK CR CV CX CY DK ET GE GL GW HM HT HU LB LI LR LU LV MD MK MZ NE NF NO NZ PA PH PT PY SI SJ TN TZ VE ZA",
      ],
      [
        5,
        "AS AX BA BL BT CU CZ DE DO DZ EE EG EH ES FI FM FR GF GP GR GT GU HN HR ID IL IQ IT JO KE KH KR KW LA LK LT MA MC ME MF MH MM MN MP MQ MV MX MY NA NC NI NP PE PF PK PL PM PR PW RE RS SA SD SE SK SM SN SO TH TR UA UM US UY VA VI VN WF XK YT ZM",
      ],
      [6, "BY CN CO EC IN KG KZ NG RO RU SG TJ TM UZ"],
      [7, "CL JP"],
      [8, "BR"],
      [10, "IR"],
    ] as const
  ).flatMap(([digits, codes]) => split(codes).map((code) => [code, digits] as const)),
);

/** The two halves of a postcode, alone in `SW1 A1AA` without its marks, or inside `London, SW1A 1AA`. */
interface Halves {
  alone: RegExp;
  inside: RegExp;
}

function halves(first: string, second: string): Halves {
  return {
    alone: new RegExp(`^(${first})(${second})$`),
    inside: new RegExp(`(?<![a-z\\d])(${first})[^a-z\\d]*(${second})(?![a-z\\d])`),
  };
}

/**
 * Half a postcode, or one with an O for a 0, is no place's. `BFPO 801` is an army's post office, and
 * `GIR 0AA` was a bank's own.
 */
const BRITISH = halves(
  "[a-z]{1,2}\\d[a-z\\d]?|gir|bfpo",
  "\\d[a-z]{2}|(?<=bfpo[^a-z\\d]*)\\d{1,4}",
);
const WITH_LETTERS: ReadonlyMap<string, Halves> = new Map<Country, Halves>([
  ["GB", BRITISH],
  ["GG", BRITISH],
  ["IM", BRITISH],
  ["JE", BRITISH],
  ["CA", halves("[a-z]\\d[a-z]", "\\d[a-z]\\d")],
  // The last four have no B, G, I, J, L, M, O, Q, S, U or Z, as the town in `T12 Cork` has.
  ["IE", halves("[a-z]\\d\\d|d6w", "[\\dac-fhknprtv-y]{4}")],
  // In `1012 NL` the letters may be the country's, or a street's: Shopify's checkout asks for those.
  ["NL", halves("\\d{4}", "[a-z]{2}")],
]);

/** Countries whose code is a part of their postcodes, as in `AD500` and `KY1-1001`. */
const CODE_IN_POSTCODE: ReadonlySet<string> = new Set<Country>(split("AD BB JM KN KY LC VC VG WS"));

/** Places whose postcodes are ZIP codes of the United States; Pinterest expects five digits of them. */
const ZIP_CODES: ReadonlySet<string> = new Set<Country>(split("AS FM GU MH MP PR PW UM US VI"));
const ZIP_DIGITS = 5;

/** The first digits, with the marks between them: in `75001 Cedex 06`, the rest is no postcode. */
const FIRST_DIGITS = /\d[\d\s.\p{Pd}\u2212ー]*/u;
const POST_OFFICE_BOX = /^p\.?\s*o\.?\s*box/;

/** Expects `zip` in lower case with plain digits. Null where nothing is left of it. */
function formPostcode(zip: string, country: Country | null): string | null {
  if (POST_OFFICE_BOX.test(zip)) return null;
  const fewest = FEWEST_DIGITS.get(country ?? "");
  if (country === null || fewest === undefined) return formWithLetters(zip, country);
  // `10115.0`, as a spreadsheet writes a number.
  const digits = /^\d+$/.test(zip)
    ? zip
    : (FIRST_DIGITS.exec(zip)?.[0].replace(/\.0$/, "").replace(/\D+/g, "") ?? "");
  if (digits.length < fewest) return null;
  return ZIP_CODES.has(country) ? digits.slice(0, ZIP_DIGITS) : digits;
}

function formWithLetters(zip: string, country: Country | null): string | null {
  const compact = zip.replace(/[^\p{L}\p{N}]+/gu, "");
  const form = WITH_LETTERS.get(country ?? "");
  if (country !== null && form !== undefined) {
    const found =
      form.alone.exec(compact) ??
      form.inside.exec(zip) ??
      form.alone.exec(withoutCountry(compact, country.toLowerCase()));
    return found === null ? null : found.slice(1).join("");
  }
  const prefix = country === null || CODE_IN_POSTCODE.has(country) ? null : `${country}-`;
  const isBefore = prefix !== null && zip.startsWith(prefix.toLowerCase());
  return (isBefore ? compact.slice(prefix.length - 1) : compact) || null;
}

/** `NL1234AB` and `1234ABNL`, without the country's code. */
function withoutCountry(zip: string, code: string): string {
  if (zip.startsWith(code)) return zip.slice(code.length);
  return zip.endsWith(code) ? zip.slice(0, -code.length) : zip;
}

function split(codes: string): Country[] {
  return codes.split(" ") as Country[];
}

const DATE =
  /^(\d{4})(?:(\d{2})(\d{2})|([-/.])(\d{1,2})\4(\d{1,2}))(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?$/;

/**
 * `1990-01-31` → `19900131`. The year must come first, as in ISO 8601: in `01/02/1990` the month is
 * ambiguous. Null for anything but a day from 1900 to 2099.
 */
export function normaliseDateOfBirth(value: string): string | null {
  const [, year = "", month, day, , shortMonth = "", shortDay = ""] =
    DATE.exec(
      plainDigits(value)
        .replace(/\p{Pd}/gu, "-")
        .trim(),
    ) ?? [];
  const digits = [year, month ?? shortMonth.padStart(2, "0"), day ?? shortDay.padStart(2, "0")];
  const isoDate = digits.join("-");
  const date = new Date(`${isoDate}T00:00:00Z`);
  // A day that its month does not have overflows into the next month.
  const isDay = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(isoDate);
  return isDay && /^(19|20)/.test(year) ? digits.join("") : null;
}

/** Pinterest accepts `f`, `m` and `n` (non-binary). Null for every other word. */
export function normaliseGender(value: string): "f" | "m" | "n" | null {
  switch (value.replace(/[\s\p{Pd}]+/gu, "").toLowerCase()) {
    case "f":
    case "female":
    case "woman":
      return "f";
    case "m":
    case "male":
    case "man":
      return "m";
    case "n":
    case "nonbinary":
      return "n";
    default:
      return null;
  }
}

const OTHER_DIGIT = /(?![0-9])\p{Nd}/gu;
const DIGIT = /\p{Nd}/u;

/** Converts full-width letters and marks to plain ones (NFKC), and the digits of every script to 0–9. */
export function plainDigits(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.normalize("NFKC").replace(OTHER_DIGIT, (digit) => String(digitValue(digit)));
}

/** Unicode has the ten digits of a script in sequence, beginning with its zero. */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (DIGIT.test(String.fromCodePoint(code - before - 1))) before += 1;
  return before % 10;
}
