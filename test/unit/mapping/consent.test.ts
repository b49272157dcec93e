import { expect, test } from "vitest";
import { regionCountries } from "#app/admin/settings/region-countries.ts";
import { COUNTRIES, listCountries, REGIONS, type Region } from "#app/events/country.ts";
import { decideConsent } from "#app/mapping/decide-consent.server.ts";
import {
  type Body,
  buildPolicy,
  mapOrderBody,
  mapWebhook,
  skipReason,
  webOrder,
} from "./web-order.ts";

function consentOf(changes: Body, settings: Body = {}) {
  const mapped = mapOrderBody(changes, settings);
  return [skipReason(mapped), mapped.consent];
}

const to = (country_code: string | null) => ({ shipping_address: { country_code } });

test("where consent is required, an order that says nothing of it is not sent", () => {
  expect(consentOf(to("FR"))).toEqual(["consent_unknown", "unknown:consent.EU"]);
  expect(consentOf(to("GB"))).toEqual(["consent_unknown", "unknown:consent.GB"]);
  expect(consentOf(to("CH"))).toEqual(["consent_unknown", "unknown:consent.CH"]);
  expect(consentOf(to("NO"))).toEqual(["consent_unknown", "unknown:consent.EU"]);
});

test("where silence is respected as such, it is sent, and the rule is kept with it", () => {
  expect(consentOf(to("US"))).toEqual([null, "allowed:consent.default"]);
  expect(consentOf(to("FR"), { "consent.EU": "respect" })).toEqual([null, "allowed:consent.EU"]);
  expect(consentOf(to("US"), { "consent.default": "require" })).toEqual([
    "consent_unknown",
    "unknown:consent.default",
  ]);
});

test("a country's own rule wins over the Union's", () => {
  const settings = { "consent.DE": "respect" };
  expect(consentOf(to("DE"), settings)).toEqual([null, "allowed:consent.DE"]);
  expect(consentOf(to("FR"), settings)).toEqual(["consent_unknown", "unknown:consent.EU"]);
});

test("the shopper's country is that of shipping, else billing, else home, else the shop's", () => {
  const billing = { billing_address: { country_code: "FR" }, customer: null };
  expect(consentOf({ ...billing, ...to("US") })[1]).toBe("allowed:consent.default");
  expect(consentOf({ ...billing, ...to(null) })[1]).toBe("unknown:consent.EU");
  const nowhere = { billing_address: null, shipping_address: null };
  const home = { customer: { default_address: { country_code: "GB" } } };
  expect(consentOf({ ...nowhere, ...home })[1]).toBe("unknown:consent.GB");
  expect(consentOf({ ...nowhere, customer: null })[1]).toBe("allowed:consent.default");
  const order = webOrder({ ...nowhere, customer: null });
  const french = buildPolicy({}, { countryCode: "FR" });
  expect(mapWebhook("orders/create", order, french)?.consent).toBe("unknown:consent.EU");
  const unknown = buildPolicy({}, { countryCode: null });
  expect(mapWebhook("orders/create", order, unknown)?.consent).toBe("allowed:consent.default");
});

test("consent is not asked for an order that is not sent anyway", () => {
  expect(consentOf({ ...to("FR"), test: true })).toEqual(["test_order", null]);
});

/** Written apart from the table of the app, so that a country that falls out of it is missed here. */
const REQUIRED: Record<string, string> = {
  EU: "AT AX BE BG BL BV CY CZ DE DK EE ES FI FR GF GP GR HR HU IE IS IT LI LT LU LV MF MQ MT NC NL NO PF PL PM PT RE RO SE SI SJ SK TF WF YT",
  GB: "GB GG GI IM JE",
  CH: "CH",
};

test("the rule of every country of the world is that of its region", () => {
  const expected = new Map(
    Object.entries(REQUIRED).flatMap(([region, codes]) =>
      codes.split(" ").map((code) => [code, `unknown:consent.${region}`] as const),
    ),
  );
  for (const code of everyCountry()) {
    const rule = expected.get(code) ?? "allowed:consent.default";
    expect([code, consentOf(to(code))[1]]).toEqual([code, rule]);
  }
  expect(
    Object.keys(REGIONS)
      .flatMap((region) => listCountries(region as Region))
      .sort(),
  ).toEqual([...expected.keys()].sort());
});

test("the list of countries is that of the world, and each of a region has a name on screen", () => {
  expect([...COUNTRIES].sort()).toEqual(everyCountry());
  for (const region of Object.keys(REGIONS) as Region[]) {
    for (const code of listCountries(region)) expect(regionCountries[code]).toBeTruthy();
  }
});

test("the rule of a region holds in its territories, unless one has its own", () => {
  expect(consentOf(to("RE"), { "consent.EU": "respect" })).toEqual([null, "allowed:consent.EU"]);
  const own = { "consent.GB": "respect", "consent.JE": "require" };
  expect(consentOf(to("JE"), own)[1]).toBe("unknown:consent.JE");
  expect(consentOf(to("GG"), own)[1]).toBe("allowed:consent.GB");
});

test("a country that is on no list decides nothing, and UK is the United Kingdom", () => {
  const french = { billing_address: { country_code: "FR" } };
  expect(consentOf({ ...french, ...to("UK") })[1]).toBe("unknown:consent.GB");
  expect(consentOf({ ...french, ...to(" gb\u200b") })[1]).toBe("unknown:consent.GB");
  for (const code of ["XX", "EU", "ZZ", "__proto__", "FRA"]) {
    expect(consentOf({ ...french, ...to(code) })[1]).toBe("unknown:consent.EU");
  }
});

/** Unicode's regions, less those that are no country: groups, and codes that are out of use. */
function everyCountry(): string[] {
  const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  const codes = letters.flatMap((first) => letters.map((second) => first + second));
  const others = new Set("CP CQ DG EA EU EZ IC QO UK UN XA XB ZZ".split(" "));
  return codes.filter((code) => {
    const isInUse = new Intl.Locale(`und-${code}`).region === code;
    return isInUse && names.of(code) !== undefined && !others.has(code);
  });
}

test.each([
  ["in the EU, where silence is none", { marketingAllowed: true }, "FR", null, "allowed:browser"],
  ["where silence allows", { marketingAllowed: false }, "US", "consent_refused", "refused:browser"],
  [
    "but not its silence",
    { marketingAllowed: null },
    "FR",
    "consent_unknown",
    "unknown:consent.EU",
  ],
  ["nor a lack of any", null, "US", null, "allowed:consent.default"],
])("a word of the browser decides %s", (_name, said, country, refusal, record) => {
  const consent = said && { ...said, saleOfDataAllowed: null };
  const settings = buildPolicy().settings;
  expect(decideConsent(settings, country, consent)).toEqual({ refusal, record });
});
