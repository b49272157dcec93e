import type { ShopSettings } from "#app/events/shop-settings.ts";
import type { Amount, Basket } from "#app/events/store-event.ts";
import { subtractDecimals } from "./decimal.server.ts";

export interface ChosenMoney {
  currency: string;
  value: string;
  /** Unit prices by line, before discounts; null where the webhook has no readable price. */
  unitPrices: (string | null)[];
}

/** An amount that the shop's settings need cannot be read. The message names the amount, never its value. */
export class UnreadableAmountError extends Error {
  override name = "UnreadableAmountError";
  constructor(path: string) {
    super(`${path}: expected an amount as a decimal string`);
  }
}

/**
 * Chooses the value and prices of a basket in one currency. If any amount that is needed lacks its
 * presentment side (checkouts never have one), all are taken in the shop's currency: a sum over two
 * currencies would be a wrong number. Amounts that the settings do not need may be anything.
 *
 * Throws UnreadableAmountError.
 */
export function chooseMoney(basket: Basket, settings: ShopSettings): ChosenMoney {
  const presented =
    settings.currency_basis === "presentment" ? inPresentment(basket, settings) : null;
  return presented ?? inShopMoney(basket, settings);
}

/** Null where an amount that is needed cannot be read. */
export function findMoney(basket: Basket, settings: ShopSettings): ChosenMoney | null {
  try {
    return chooseMoney(basket, settings);
  } catch (error) {
    if (error instanceof UnreadableAmountError) return null;
    throw error;
  }
}

function inShopMoney(basket: Basket, settings: ShopSettings): ChosenMoney {
  return {
    currency: basket.currency,
    value: computeValue(basket, settings, readShopSide),
    unitPrices: basket.lines.map((line) => line.unitPrice.shop),
  };
}

function readShopSide({ shop }: Amount, path: string): string {
  if (shop === null) throw new UnreadableAmountError(path);
  return shop;
}

function inPresentment(basket: Basket, settings: ShopSettings): ChosenMoney | null {
  const { presentmentCurrency, lines } = basket;
  if (presentmentCurrency === null) return null;
  const used = [baseAmount(basket, settings), ...lines.map((line) => line.unitPrice)];
  if (subtractsTax(basket, settings)) used.push(...lines.flatMap((line) => line.taxes));
  if (used.some((amount) => amount.presentment === null)) return null;
  const presentment = (amount: Amount) => amount.presentment ?? "";
  return {
    currency: presentmentCurrency,
    value: computeValue(basket, settings, presentment),
    unitPrices: lines.map((line) => presentment(line.unitPrice)),
  };
}

type Side = (amount: Amount, path: string) => string;

function computeValue(basket: Basket, settings: ShopSettings, side: Side): string {
  const path = settings.value_basis === "total" ? "total_price" : "subtotal_price";
  const base = side(baseAmount(basket, settings), path);
  if (!subtractsTax(basket, settings)) return base;
  const taxes = basket.lines.flatMap((line, place) =>
    line.taxes.map((tax) => side(tax, `line_items.${place}.tax_lines`)),
  );
  return subtractDecimals(base, taxes);
}

function baseAmount(basket: Basket, settings: ShopSettings): Amount {
  return settings.value_basis === "total" ? basket.total : basket.subtotal;
}

/**
 * Pinterest recommends the final amount before tax and shipping. Shopify's subtotal already
 * excludes discounts and shipping, but includes the tax where prices include it.
 */
function subtractsTax(basket: Basket, settings: ShopSettings): boolean {
  return settings.value_basis === "subtotal_before_tax" && basket.taxesIncluded;
}
