import type { CountryCode, Metadata, MetadataJson, NumberType } from "libphonenumber-js/min";
import type { Country } from "#app/events/country.ts";

/** The parts of the library that are read here. The library's types lack these fields. */
interface PhoneLibrary {
  Metadata: new () => Metadata;
  metadata: Pick<MetadataJson, "country_calling_codes">;
}

type Plan = NonNullable<Metadata["numberingPlan"]> & {
  nationalNumberPattern(): string;
  nationalPrefix(): string | undefined;
  nationalPrefixForParsing(): string | undefined;
  hasTypes(): boolean;
  type(name: string): { pattern(): string | undefined; possibleLengths(): number[] } | undefined;
};

const TYPES = [
  "FIXED_LINE",
  "MOBILE",
  "PREMIUM_RATE",
  "TOLL_FREE",
  "SHARED_COST",
  "VOIP",
  "PERSONAL_NUMBER",
  "PAGER",
  "UAN",
  "VOICEMAIL",
] as const satisfies NumberType[];

const LONGEST_CALLING_CODE = 3;
const SHORTEST_NATIONAL = 2;
const LONGEST_NATIONAL = 17;

/**
 * Whether the digits after a plus are a number of the main country of their calling code that
 * libphonenumber would leave unchanged: its patterns are compiled once here, but for each number in
 * the library. False proves nothing: then the library decides.
 */
export function createUsualNumbers(library: PhoneLibrary): (digits: string) => boolean {
  const byCode = new Map<string, (national: string) => boolean>();
  for (const [code, countries] of Object.entries(library.metadata.country_calling_codes)) {
    const check = planCheck(library, countries[0] as CountryCode);
    if (check !== null) byCode.set(code, check);
  }
  return (digits) => {
    for (let length = 1; length <= LONGEST_CALLING_CODE; length += 1) {
      const isNational = byCode.get(digits.slice(0, length));
      // No other calling code begins with this one.
      if (isNational !== undefined) return isNational(digits.slice(length));
    }
    return false;
  };
}

interface CallPrefixes {
  /** What is dialled before calls inside the country, such as 0. */
  national: string | null;
  /** What is dialled before calls to other countries, such as 00. */
  abroad: RegExp | null;
}

/** Finds a country's prefixes; null for one that the library does not know. */
export function createCallPrefixes(
  library: Pick<typeof import("libphonenumber-js/min"), "Metadata" | "isSupportedCountry">,
): (country: Country) => CallPrefixes {
  const known = new Map<Country, CallPrefixes>();
  return (country) => {
    const found = known.get(country);
    if (found !== undefined) return found;
    const prefixes: CallPrefixes = { national: null, abroad: null };
    if (library.isSupportedCountry(country)) {
      const metadata = new library.Metadata();
      metadata.selectNumberingPlan(country);
      const plan = metadata.numberingPlan as Plan;
      prefixes.national = plan.nationalPrefix() || null;
      prefixes.abroad = new RegExp(`^(?:${plan.IDDPrefix()})`);
    }
    known.set(country, prefixes);
    return prefixes;
  };
}

function planCheck(
  library: PhoneLibrary,
  country: CountryCode,
): ((national: string) => boolean) | null {
  const metadata = new library.Metadata();
  metadata.selectNumberingPlan(country);
  const plan = metadata.numberingPlan as Plan;
  // The number's first digits decide on its country here.
  if (plan.leadingDigits()) return null;
  const general = whole(plan.nationalNumberPattern());
  const prefix = plan.nationalPrefixForParsing();
  const dialled = prefix ? new RegExp(`^(?:${prefix})`) : null;
  const types = plan.hasTypes() ? typeChecks(plan) : null;
  return (national) =>
    national.length >= SHORTEST_NATIONAL &&
    national.length <= LONGEST_NATIONAL &&
    !dialled?.test(national) &&
    general.test(national) &&
    (types === null || types.some((isOfType) => isOfType(national)));
}

function typeChecks(plan: Plan): ((national: string) => boolean)[] {
  return TYPES.flatMap((name) => {
    const type = plan.type(name);
    const text = type?.pattern();
    if (type === undefined || !text) return [];
    const [pattern, lengths] = [whole(text), type.possibleLengths()];
    return [(national: string) => lengths.includes(national.length) && pattern.test(national)];
  });
}

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}
