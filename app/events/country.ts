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
