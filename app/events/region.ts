import type { Country } from "./country.ts";

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
