import { REGIONS } from "#app/events/country.ts";
import { lookUp } from "#app/events/look-up.ts";
import { dynamicSetting, type ShopSettings } from "#app/events/shop-settings.ts";
import type { StoreOrder } from "#app/events/store-event.ts";
import type { BrowserConsent } from "#app/events/visit.ts";
import { UnfitEventError } from "#app/mapping/check-event.server.ts";
import { decideConsent, findConsentKey, isUseLimited } from "#app/mapping/decide-consent.server.ts";
import { formatProductId } from "#app/mapping/list-contents.server.ts";
import { mapOrder } from "#app/mapping/map-order.server.ts";
import { buildPolicy, type ShopPolicy } from "#app/mapping/shop-policy.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { ShopifyAdmin, ShopifyFailure } from "#app/shopify/ask-shopify.server.ts";
import { fetchLatestOrderId, fetchOrder } from "#app/shopify/orders.server.ts";
import {
  fetchLatestProducts,
  findProducts,
  type StoreProduct,
} from "#app/shopify/products.server.ts";
import { UnknownShopError } from "#app/shops/find-shop.server.ts";
import { loadMappingShop } from "#app/shops/load-mapping-shops.server.ts";
import { checkSettings } from "#app/shops/settings/check-settings.server.ts";
import { parseStoredSettings } from "#app/shops/settings/read-settings.server.ts";
import {
  type CatalogIdCheck,
  CONSENT_ANSWERS,
  type ConsentAnswer,
  type ConsentCase,
  type ConsentPreview,
  type OrderPreview,
  type ProductIdFormat,
  type ProductPreview,
  type ProductsPreview,
  SAMPLE_COUNTRIES,
  type SettingsPreview,
  type ValueChoices,
} from "./settings-preview.ts";

interface PreviewRequest {
  domain: string;
  admin: ShopifyAdmin;
  /** Changes that are not saved; invalid ones are ignored. */
  changes: Record<string, unknown>;
  /** What the field of the template holds, whichever format is chosen. */
  template: string;
  /** An id out of the merchant's catalog; null: none to check. */
  catalogId: string | null;
  nowMs: number;
}

const SHOPIFY_WITHIN_MS = 10_000;

/**
 * What the shop's next events would be under settings that are not saved yet, by mapping's own
 * functions on the store's real orders and products. Writes nothing. Rejects with UnknownShopError.
 */
export async function previewSettings(
  { db }: { db: Pick<Database, "pool" | "readAsShop"> },
  { domain, admin, changes, template, catalogId, nowMs }: PreviewRequest,
): Promise<SettingsPreview> {
  const shop = await loadMappingShop(db.pool, domain);
  if (shop === undefined) throw new UnknownShopError(domain);
  const settings = applyChanges(shop.settings, changes);
  const policy = buildPolicy({ ...shop, settings });
  const format = isTemplate(template) ? template : settings.product_id;
  const signal = AbortSignal.timeout(SHOPIFY_WITHIN_MS);
  const [order, products, consent, check] = await Promise.all([
    previewOrder(admin, policy, Math.floor(nowMs / 1_000), signal),
    previewProducts(admin, policy, format, signal),
    previewConsent({ db }, shop.id, { saved: shop.settings, chosen: settings }),
    catalogId === null ? null : checkCatalogId(admin, policy, catalogId, format, signal),
  ]);
  return { order, products, consent, consentCases: listCases(settings), catalogId: check };
}

function isTemplate(template: string): boolean {
  return template.includes("{") && checkSettings({ product_id: template }).length === 0;
}

function applyChanges(
  saved: Readonly<ShopSettings>,
  changes: Record<string, unknown>,
): Readonly<ShopSettings> {
  const wrong = new Set(checkSettings(changes).map(({ path }) => path));
  const merged = Object.entries({ ...saved, ...changes }).map(([name, value]) => [
    name,
    wrong.has(name) ? lookUp<unknown>(saved, name) : value,
  ]);
  return parseStoredSettings(
    Object.fromEntries(merged.filter(([, value]) => value !== null && value !== undefined)),
  );
}

interface JudgedOrders {
  /** As in "allowed:consent.EU". */
  consent: string;
  n: bigint;
}

/**
 * What the rules would have done with the shop's orders of the last 30 days. An order keeps the
 * name of the rule that it was judged by, and no country: under a rule for many countries, a
 * country's new rule of its own leaves open what becomes of it.
 */
async function previewConsent(
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

const ANSWERS: Record<ConsentAnswer, BrowserConsent | null> = {
  gave: { marketingAllowed: true, saleOfDataAllowed: true },
  refused: { marketingAllowed: false, saleOfDataAllowed: false },
  nothing: null,
  optedOut: { marketingAllowed: true, saleOfDataAllowed: false },
};

/** More countries with rules of their own than a page has room for. */
const MOST_CASES = 12;

/**
 * What would be sent of shoppers in each region, and in each country that has a rule of its own.
 */
function listCases(settings: ShopSettings): ConsentCase[] {
  const own = Object.keys(settings).flatMap((name) => findCountry(name) ?? []);
  const countries = [...new Set<string>([...SAMPLE_COUNTRIES, ...own.sort()])];
  return countries.slice(0, MOST_CASES).map((country) => {
    const end = (answer: ConsentAnswer) => decideEnd(settings, country, ANSWERS[answer]);
    const ends = CONSENT_ANSWERS.map((answer) => [answer, end(answer)] as const);
    return { country, ends: Object.fromEntries(ends) as ConsentCase["ends"] };
  });
}

function decideEnd(settings: ShopSettings, country: string, consent: BrowserConsent | null) {
  if (decideConsent(settings, country, consent).refusal !== null) return "not_sent";
  return consent !== null && isUseLimited(consent) ? "limited" : "sent";
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

/** Null for rules of several countries, and for anything but a rule of consent. */
function findCountry(key: string): string | null {
  const country = /^consent\.([A-Z]{2})$/.exec(key)?.[1] ?? null;
  return country === null || Object.hasOwn(REGIONS, country) ? null : country;
}

const VALUE_BASES = ["subtotal_before_tax", "subtotal", "total"] as const;
const CURRENCY_BASES = ["shop", "presentment"] as const;

/**
 * The latest real order, mapped as its webhook would be under each choice of value and currency.
 */
async function previewOrder(
  admin: ShopifyAdmin,
  policy: ShopPolicy,
  nowSeconds: number,
  signal: AbortSignal,
): Promise<OrderPreview> {
  const latest = await fetchLatestOrderId(admin, signal);
  if (!latest.ok) return reportFailure(latest.failure);
  if (latest.found === null) return { state: "none" };
  const found = await fetchOrder(admin, { orderId: latest.found }, signal);
  if (!found.ok) return reportFailure(found.failure);
  return describe(found.found.order, policy, nowSeconds);
}

function describe(order: StoreOrder, policy: ShopPolicy, nowSeconds: number): OrderPreview {
  const values: ValueChoices = {};
  let reason: Extract<OrderPreview, { state: "found" }>["reason"] = null;
  try {
    for (const value_basis of VALUE_BASES) {
      for (const currency_basis of CURRENCY_BASES) {
        const settings: ShopSettings = { ...policy.settings, value_basis, currency_basis };
        // Mapped as of when it was placed: its age does not depend on the settings.
        const at = Math.min(nowSeconds, order.occurredAtSeconds);
        const mapped = mapOrder(order, { ...policy, settings }, at);
        const { value, currency, outcome } = mapped;
        if (value === null || currency === null) continue;
        values[`${value_basis} ${currency_basis}`] = { value, currency };
        // The Admin API does not have the browser, which the order's webhook has.
        const isSkipped = outcome.kind === "skip" && outcome.reason !== "no_match_key";
        reason = isSkipped ? outcome.reason : null;
      }
    }
  } catch (error) {
    if (error instanceof UnfitEventError) return { state: "unavailable" };
    throw error;
  }
  return { state: "found", name: order.name ?? order.id, values, reason };
}

/** The most numbers of an id that are looked up. A catalog id has two: product and variant. */
const MOST_NUMBERS = 3;
/** What Pinterest's and Google's own apps for Shopify put into their catalogs. */
const KNOWN_TEMPLATES = ["shopify_{country}_{product}_{variant}"];

/**
 * Looks for a product of the store that has this id in one of the formats. The numbers in it are
 * looked up as variants and products, the whole of it as a SKU; what is found is then put into each
 * format by mapping's own function, and must give the id to the letter.
 */
async function checkCatalogId(
  admin: ShopifyAdmin,
  policy: ShopPolicy,
  given: string,
  template: string,
  signal: AbortSignal,
): Promise<CatalogIdCheck> {
  const id = given.trim();
  const numbers = [...new Set(id.match(/\d{3,19}/g) ?? [])].slice(0, MOST_NUMBERS);
  const asked = await findProducts(admin, { sku: id, numbers }, signal);
  if (!asked.ok) return reportFailure(asked.failure);
  const patterns = patternsToTry(template);
  for (const [format, pattern] of patterns) {
    const match = asked.found.find((product) => buildId(product, policy, pattern) === id);
    if (match !== undefined) return { state: "match", format, title: match.title, pattern };
  }
  return { state: "no_match", tried: patterns.map(([, pattern]) => pattern) };
}

/** The shop's own template first: it is asked about. */
function patternsToTry(template: string): [ProductIdFormat, string][] {
  const templates = [...new Set([template, ...KNOWN_TEMPLATES])].filter((one) => one.includes("{"));
  return [
    ["variant", "variant"],
    ["product", "product"],
    ["sku", "sku"],
    ...templates.map((one): [ProductIdFormat, string] => ["template", one]),
  ];
}

/** Three real products, with their ids in each format. `template`: one that is not saved yet. */
async function previewProducts(
  admin: ShopifyAdmin,
  policy: ShopPolicy,
  template: string,
  signal: AbortSignal,
): Promise<ProductsPreview> {
  const asked = await fetchLatestProducts(admin, signal);
  if (!asked.ok) return reportFailure(asked.failure);
  if (asked.found.length === 0) return { state: "none" };
  return { state: "found", products: asked.found.map((one) => withIds(one, policy, template)) };
}

function withIds(product: StoreProduct, policy: ShopPolicy, template: string): ProductPreview {
  const idIn = (format: string) => buildId(product, policy, format);
  return {
    title: product.title,
    ids: {
      variant: idIn("variant"),
      product: idIn("product"),
      sku: idIn("sku"),
      template: idIn(template),
    },
  };
}

/** The id that events of this product carry in a format: mapping's own. */
function buildId(product: StoreProduct, policy: ShopPolicy, format: string): string | null {
  return formatProductId(product, {
    ...policy,
    settings: { ...policy.settings, product_id: format },
  });
}

/** What a preview says in place of what Shopify did not give. */
function reportFailure(failure: ShopifyFailure): { state: "denied" | "unavailable" } {
  return { state: failure === "denied" ? "denied" : "unavailable" };
}
