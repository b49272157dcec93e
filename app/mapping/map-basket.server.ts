import type { ActionSource, CustomData } from "#app/events/conversion-event.ts";
import { addNote } from "#app/events/match-notes.ts";
import { dynamicSetting, type ShopSettings } from "#app/events/shop-settings.ts";
import type { Basket } from "#app/events/store-event.ts";
import { buildUserData } from "#app/mapping/person/build-user-data.server.ts";
import { chooseMoney } from "./choose-money.server.ts";
import { listContents } from "./list-contents.server.ts";
import type { ShopPolicy } from "./shop-policy.server.ts";
import { findClickId } from "./source/find-click-id.server.ts";
import { parseLanguage } from "./source/languages.server.ts";
import { locateSource } from "./source/locate-source.server.ts";
import { namesOfSource } from "./source/source-names.server.ts";

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
