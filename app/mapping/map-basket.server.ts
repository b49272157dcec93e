import type { ActionSource, CustomData } from "#app/events/conversion-event.ts";
import { addNote } from "#app/events/match-notes.ts";
import { dynamicSetting, type ShopSettings } from "#app/events/shop-settings.ts";
import type { Basket } from "#app/events/store-event.ts";
import { buildUserData } from "#app/mapping/person/build-user-data.server.ts";
import { findClickId } from "#app/mapping/source/find-click-id.server.ts";
import { locateSource } from "#app/mapping/source/locate-source.server.ts";
import { chooseMoney } from "./choose-money.server.ts";
import { listContents } from "./list-contents.server.ts";
import type { ShopPolicy } from "./shop-policy.server.ts";

/** Finds what the shop does with sales of this source; null when it does not send them. */
export function findActionSource(basket: Basket, settings: ShopSettings): ActionSource | null {
  const own = namesOfSource(basket.sourceName).flatMap(
    (name) => dynamicSetting(settings, `source.${name}`) ?? [],
  );
  const rule = own[0] ?? dynamicSetting(settings, "source.other");
  if (rule === "skip") return null;
  return rule === "offline" ? "offline" : "web";
}

/**
 * Builds the parts of the payload that orders and checkouts have in common.
 *
 * Throws UnreadableAmountError.
 */
export function buildBasketBody(
  basket: Basket,
  policy: ShopPolicy,
  money = chooseMoney(basket, policy.settings),
) {
  const { userData, notes } = buildUserData(basket.shopper);
  const { clickId, note } = findClickId(basket);
  if (clickId !== null) userData.click_id = clickId;
  const customData: CustomData = {
    currency: money.currency,
    value: money.value,
    ...listContents(basket.lines, money.unitPrices, policy),
  };
  return {
    event_source_url: locateSource(policy, basket.landingSite),
    ...parseLanguage(basket.locale),
    user_data: userData,
    custom_data: customData,
    notes: addNote(notes, "click_id", note),
  };
}

/**
 * Names that Shopify has given one source over time. The first stands for all, in lists and in
 * counts; a shop may have its rule under any of them.
 */
const RENAMED = [["subscription_contract", "subscription_contract_checkout_one"]] as const;

const NAMES: ReadonlyMap<string, readonly string[]> = new Map(
  RENAMED.flatMap((names) => names.map((name) => [name, names] as const)),
);

/** Normalises a `source_name` to the name of its source. */
export function toSource(sourceName: string): string {
  return NAMES.get(sourceName)?.[0] ?? sourceName;
}

/** Lists the name itself and the other names of the same source. */
function namesOfSource(sourceName: string): readonly string[] {
  const names = NAMES.get(sourceName) ?? [];
  return [sourceName, ...names.filter((name) => name !== sourceName)];
}

/** Pinterest accepts two letters; the first two of a three-letter code would be another language. */
export function parseLanguage(locale: string | null): { language?: string } {
  const language = /^([a-z]{2})(?![a-z])/i.exec(locale ?? "")?.[1];
  return language === undefined ? {} : { language: language.toLowerCase() };
}
