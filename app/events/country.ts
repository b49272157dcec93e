import { dropInvisible } from "./clean-text.ts";

/**
 * ISO 3166-1 alpha-2, and the three codes outside it that Shopify has shops and addresses in:
 * Ascension, Tristan da Cunha and Kosovo.
 */
const CODES =
  "AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

type Words<Text extends string, Found = never> = Text extends `${infer Word} ${infer Rest}`
  ? Words<Rest, Found | Word>
  : Found | Text;

/** Whether two capital letters are the code of an existing country. */
export type Country = Words<typeof CODES>;

export const COUNTRIES = CODES.split(" ") as readonly Country[];

const KNOWN: ReadonlySet<string> = new Set(COUNTRIES);

/** Finds the country of a code as a person wrote it; null for a code that is on no list. `UK` means `GB`. */
export function readCountry(code: string | null | undefined): Country | null {
  // No longer text is a code, whatever stands around it.
  if (!code || code.length > 20) return null;
  if (KNOWN.has(code)) return code as Country;
  const capital = dropInvisible(code).trim().toUpperCase();
  if (capital === "UK") return "GB";
  return KNOWN.has(capital) ? (capital as Country) : null;
}

/** Where a shopper is, as ISO 3166-2 names it. */
export interface Location {
  country: Country;
  /** The code of the state or province alone: `CA`. Null where only the country is known. */
  state: string | null;
}

const LOCATION = /^([A-Z]{2})-?([A-Z0-9]{1,3})?$/;

/** Reads Shopify's text of a place, `US`, `USCA` or `US-CA`; null where it names no country. */
export function readLocation(text: string | null | undefined): Location | null {
  if (!text || text.length > 6) return null;
  const [, code, state] = LOCATION.exec(text) ?? [];
  const country = readCountry(code);
  return country === null ? null : { country, state: state ?? null };
}

/** A legal region: countries in which one rule for consent holds, each with the reason. */
export interface RegionPart {
  because: string;
  countries: readonly Country[];
}

/**
 * The regions that have a rule for consent of their own. Shopify gives territories their own codes,
 * so a list of member states alone would send an order to Réunion and skip the same order to
 * France.
 */
export const REGIONS = {
  EU: [
    {
      because: "member state of the European Union",
      countries: split(
        "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK",
      ),
    },
    { because: "European Economic Area: the GDPR and ePrivacy hold", countries: split("IS LI NO") },
    { because: "part of Finland, in the Union", countries: split("AX") },
    {
      because: "outermost region of France, in the Union",
      countries: split("GF GP MF MQ RE YT"),
    },
    {
      because: "French territory outside the Union in which French data protection law holds",
      countries: split("BL NC PF PM TF WF"),
    },
    {
      because: "Norwegian territory in which Norwegian data protection law holds",
      countries: split("BV SJ"),
    },
  ],
  GB: [
    { because: "UK GDPR and PECR", countries: split("GB") },
    {
      because: "Crown Dependency with the same rules in its own law",
      countries: split("GG IM JE"),
    },
    { because: "Gibraltar GDPR, the same rules", countries: split("GI") },
  ],
  CH: [{ because: "Swiss data protection and telecommunications acts", countries: split("CH") }],
} as const satisfies Record<string, readonly RegionPart[]>;

export type Region = keyof typeof REGIONS;

const BY_COUNTRY: ReadonlyMap<string, Region> = new Map(
  Object.entries(REGIONS).flatMap(([region, parts]) =>
    parts.flatMap(({ countries }) =>
      countries.map((country) => [country, region as Region] as const),
    ),
  ),
);

/** Null when the country is in no region with a rule of its own. */
export function findRegion(country: string): Region | null {
  return BY_COUNTRY.get(country) ?? null;
}

/** Lists the countries of a region, in the order of the table. */
export function listCountries(region: Region): Country[] {
  return REGIONS[region].flatMap(({ countries }) => [...countries]);
}

function split(codes: string): Country[] {
  return codes.split(" ") as Country[];
}
