import { kindWords, sourceWords } from "#app/admin/shell/words.ts";
import { UNSENT_WORDS } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { SETTINGS } from "#app/events/settings-table.ts";
import {
  type CatalogIdCheck,
  CONSENT_ANSWERS,
  type ConsentCase,
  type ConsentPreview,
  type OrderPreview,
  type ProductIdFormat,
  type ProductsPreview,
  type SettingsPreview,
} from "./settings-preview.ts";
import { consentTexts, productTexts, valueTexts } from "./texts.ts";

/** What becomes of the events of a shopper in a country, by what they said. */
export interface ConsentRow {
  country: string;
  cells: string[];
}

/** The live hints of the settings page, in words. */
export interface PreviewTexts {
  /** A sentence for each choice, by `<value_basis> <currency_basis>`. */
  values: Record<string, string>;
  /** In place of them, where there is no order to show. */
  valueNote: string | null;
  products: { title: string; ids: Record<ProductIdFormat, string> }[];
  productNote: string | null;
  consent: string;
  consentCases: ConsentRow[];
  catalogId: { isMatch: boolean; text: string } | null;
}

/** `format`: the one that is chosen in the form, to tell a match in another. */
export function describePreview(preview: SettingsPreview, format: string): PreviewTexts {
  const { order, products, consent, catalogId } = preview;
  return {
    values: order.state === "found" ? describeValues(order) : {},
    valueNote: order.state === "found" ? null : valueTexts[order.state],
    products: products.state === "found" ? describeProducts(products) : [],
    productNote: products.state === "found" ? null : productTexts[products.state],
    consent: describeConsent(consent),
    consentCases: preview.consentCases.map(describeCase),
    catalogId: catalogId && describeCheck(catalogId, format),
  };
}

function describeValues({ name, values, reason }: Extract<OrderPreview, { state: "found" }>) {
  const text = reason === null ? valueTexts.wouldSend : valueTexts.wouldNotSend;
  const why = reason === null ? "" : formatMessage(UNSENT_WORDS[reason].words, reasonBlanks);
  return Object.fromEntries(
    Object.entries(values).map(([choice, money]) => [
      choice,
      formatMessage(text, { name, ...money, reason: why }),
    ]),
  );
}

/** The order's own source is not told: the rule for it is on the same page. */
const reasonBlanks = { source: sourceWords.web, kind: kindWords.checkout };

function describeProducts({ products }: Extract<ProductsPreview, { state: "found" }>) {
  return products.map(({ title, ids }) => ({
    title,
    ids: {
      variant: ids.variant ?? productTexts.noId,
      product: ids.product ?? productTexts.noId,
      sku: ids.sku ?? productTexts.noId,
      template: ids.template ?? productTexts.noId,
    },
  }));
}

function describeConsent({ orders, refused, unknown }: ConsentPreview): string {
  if (orders === 0) return consentTexts.none;
  const sentence = formatMessage(consentTexts.wouldNotSend, { refused, orders });
  return unknown === 0
    ? sentence
    : `${sentence} ${formatMessage(consentTexts.unknownOrders, { n: unknown })}`;
}

function describeCase({ country, ends }: ConsentCase): ConsentRow {
  const cells = CONSENT_ANSWERS.map((answer) => consentTexts.ends[ends[answer]]);
  return { country, cells };
}

function describeCheck(check: CatalogIdCheck, chosen: string) {
  switch (check.state) {
    case "match": {
      const isChosen = check.pattern === chosen;
      const text = isChosen ? productTexts.match : productTexts.matchOther;
      const { title } = check;
      return {
        isMatch: true,
        text: formatMessage(text, { format: formatName(check.pattern), title }),
      };
    }
    case "no_match": {
      const tried = check.tried.map(formatName).join(", ");
      return { isMatch: false, text: formatMessage(productTexts.noMatch, { tried }) };
    }
    case "denied":
      return { isMatch: false, text: productTexts.checkDenied };
    case "unavailable":
      return { isMatch: false, text: productTexts.checkUnavailable };
  }
}

/** `Variant ID`, or the template itself. */
function formatName(pattern: string): string {
  if (pattern === "variant" || pattern === "product" || pattern === "sku") {
    return SETTINGS.product_id.values[pattern];
  }
  return pattern;
}
