import { REGIONS } from "#app/events/region.ts";
import { dynamicSetting, type ShopSettings } from "#app/events/shop-settings.ts";
import { findConsentKey } from "#app/mapping/decide-consent.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { ConsentPreview } from "./settings-preview.ts";

interface JudgedOrders {
  /** As in "allowed:consent.EU". */
  consent: string;
  n: bigint;
}

/**
 * What the rules would have done with the shop's orders of the last 30 days. An order keeps the name
 * of the rule that it was judged by, and no country: under a rule for many countries, a country's new
 * rule of its own leaves open what becomes of it.
 */
export async function previewConsent(
  { db }: { db: Pick<Database, "readAsShop"> },
  shopId: bigint,
  { saved, chosen }: { saved: ShopSettings; chosen: ShopSettings },
): Promise<ConsentPreview> {
  const judged = await db.readAsShop(
    shopId,
    (tx) => tx.$queryRaw<JudgedOrders[]>`
      select consent, count(*) as n from event
      where shop_id = ${shopId} and kind = 'checkout' and source <> 'task' and consent is not null
        and event_time > extract(epoch from now() - interval '30 days')::bigint
      group by consent`,
  );
  const total: ConsentPreview = { orders: 0, refused: 0, unknown: 0 };
  for (const { consent, n } of judged) {
    const [decision = "", key = ""] = consent.split(/:(.*)/s);
    const orders = Number(n);
    total.orders += orders;
    if (decision === "refused" || isRefusedBy(chosen, key)) total.refused += orders;
    else if (mightBeRefused(key, saved, chosen)) total.unknown += orders;
  }
  return total;
}

/** A country's own rule may be gone: then that of its region decides. */
function isRefusedBy(settings: ShopSettings, key: string): boolean {
  const country = findCountry(key);
  const rule = country === null ? key : findConsentKey(settings, country);
  return dynamicSetting(settings, rule) === "require";
}

/** A rule for one country that is new, and stricter than the one that the orders were judged by. */
function mightBeRefused(key: string, saved: ShopSettings, chosen: ShopSettings): boolean {
  if (findCountry(key) !== null) return false;
  return Object.entries(chosen).some(([name, rule]) => {
    const country = findCountry(name);
    if (country === null || rule !== "require") return false;
    return dynamicSetting(saved, name) === undefined && findConsentKey(saved, country) === key;
  });
}

/** Null for the rules of many countries, and for what is no rule of consent. */
function findCountry(key: string): string | null {
  const country = /^consent\.([A-Z]{2})$/.exec(key)?.[1] ?? null;
  return country === null || Object.hasOwn(REGIONS, country) ? null : country;
}
