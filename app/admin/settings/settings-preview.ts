import type { SkipReason } from "#app/events/event-state.ts";

/** A value in both choices of a shop, by `<value_basis> <currency_basis>`. */
export type ValueChoices = Record<string, { value: string; currency: string }>;

/** What the shop's latest order would send under each choice of value and currency. */
export type OrderPreview =
  | {
      state: "found";
      /** As in `#1042`. */
      name: string;
      values: ValueChoices;
      /** Why it would not be sent under the other settings; null: it would be. */
      reason: SkipReason | null;
    }
  | { state: "none" | "denied" | "unavailable" };

export const PRODUCT_ID_FORMATS = ["variant", "product", "sku", "template"] as const;
export type ProductIdFormat = (typeof PRODUCT_ID_FORMATS)[number];

/** A real product, and its id in each format; null where it has none. */
export interface ProductPreview {
  title: string;
  ids: Record<ProductIdFormat, string | null>;
}

export type ProductsPreview =
  | { state: "found"; products: ProductPreview[] }
  | { state: "none" | "denied" | "unavailable" };

/** Whether an id of the catalog is one of the store's products, and in which format. */
export type CatalogIdCheck =
  | {
      state: "match";
      format: ProductIdFormat;
      title: string /** The template. */;
      pattern: string;
    }
  | { state: "no_match"; tried: string[] }
  | { state: "denied" | "unavailable" };

/** What rules of consent would have done with the orders of the last 30 days. */
export interface ConsentPreview {
  /** Orders whose consent was judged. */
  orders: number;
  refused: number;
  /** Orders that a new country's rule might refuse: their country is not kept. */
  unknown: number;
}

/** What a shopper may have said in the browser. */
export const CONSENT_ANSWERS = ["gave", "refused", "nothing", "optedOut"] as const;
export type ConsentAnswer = (typeof CONSENT_ANSWERS)[number];

/** What becomes of the events of a shopper in a country, by their answer. */
export interface ConsentCase {
  country: string;
  ends: Record<ConsentAnswer, "sent" | "limited" | "not_sent">;
}

/** One country of each region, in the order of the rules. */
export const SAMPLE_COUNTRIES = ["DE", "GB", "CH", "US"] as const;

export interface SettingsPreview {
  order: OrderPreview;
  products: ProductsPreview;
  consent: ConsentPreview;
  consentCases: ConsentCase[];
  /** Null: no id was given. */
  catalogId: CatalogIdCheck | null;
}
