import type { Country } from "#app/events/country.ts";

/**
 * Countries whose postcodes are digits, also where people put letters before them (`D-10115`,
 * `SE-114 55`) or a mark between (`00-950`). The list comes from the patterns of the package
 * `postcode-validator` 3.10.22 (MIT), which has one for each country: those that need no letter; EC
 * follows Google's libaddressinput, because the package has Ecuador's old form. A country that is
 * missing here keeps any letters that are not part of the postcode.
 */
const DIGITS_ALONE: ReadonlySet<string> = new Set<Country>(
  split(
    "AF AI AL AM AS AT AU AX AZ BA BD BE BG BH BL BR BT BY CC CH CK CL CN CO CR CU CV CX CY CZ DE DK DO DZ EC EE EG EH ES ET FI FM FO FR GE GF GL GN GP GR GT GU GW HM HN HR HT HU ID IL IN IQ IR IS IT JO JP KE KG KH KR KW KZ LA LB LI LK LR LS LT LU LV MA MC MD ME MF MG MH MK MM MN MP MQ MV MX MY MZ NA NC NE NF NG NI NO NP NZ OM PA PE PF PG PH PK PL PM PR PT PW PY RE RO RS RU SA SD SE SG SI SJ SK SM SN SO TH TJ TM TN TR TW TZ UA UM US UY UZ VA VE VI VN WF XK YT ZA ZM",
  ),
);

/** Places whose postcodes are ZIP codes of the United States; Pinterest expects five digits of them. */
const ZIP_CODES: ReadonlySet<string> = new Set<Country>(split("AS FM GU MH MP PR PW UM US VI"));
const ZIP_DIGITS = 5;

/** Expects `zip` in lower case with plain digits. Null where nothing is left of it. */
export function formPostcode(zip: string, country: Country | null): string | null {
  if (country === null || !DIGITS_ALONE.has(country))
    return zip.replace(/[^\p{L}\p{N}]+/gu, "") || null;
  const digits = zip.replace(/\D+/g, "");
  if (!ZIP_CODES.has(country)) return digits || null;
  return digits.length < ZIP_DIGITS ? null : digits.slice(0, ZIP_DIGITS);
}

function split(codes: string): Country[] {
  return codes.split(" ") as Country[];
}
