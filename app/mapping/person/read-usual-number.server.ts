import type { CountryCode, Metadata, MetadataJson, NumberType } from "libphonenumber-js/min";

/** The parts of the library that are read here. Its types leave out what a plan can tell. */
interface PhoneLibrary {
  Metadata: new () => Metadata;
  metadata: Pick<MetadataJson, "country_calling_codes">;
}

type Plan = NonNullable<Metadata["numberingPlan"]> & {
  nationalNumberPattern(): string;
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
 * Whether the digits after a plus are a number of the main country of their calling code, with
 * nothing about it that libphonenumber would change: its patterns, compiled once, where the library
 * compiles them for each number. No says nothing: the library is the judge.
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
      // No calling code begins with another.
      if (isNational !== undefined) return isNational(digits.slice(length));
    }
    return false;
  };
}

function planCheck(
  library: PhoneLibrary,
  country: CountryCode,
): ((national: string) => boolean) | null {
  const metadata = new library.Metadata();
  metadata.selectNumberingPlan(country);
  const plan = metadata.numberingPlan as Plan;
  // Then the number's first digits decide on its country.
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
