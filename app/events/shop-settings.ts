import { z } from "zod";
import { boundedText } from "./bounded-text.ts";
import { COUNTRIES, REGIONS } from "./country.ts";
import { lookUp } from "./look-up.ts";
import { isLoopbackAddress } from "./public-address.ts";
import { OPEN_DEFAULTS, SETTINGS, type SettingName } from "./settings-table.ts";

/** The messages are in our own words, because a person who changes a setting reads them. */
function oneOf<const Value extends string>(...values: [Value, ...Value[]]) {
  return z.enum(values, { error: `use ${values.join(" or ")}` });
}

const onOff = oneOf("on", "off");
const sendOrSkip = oneOf("skip", "send");

/** A kind of event that a shop may turn off. Purchases cannot be turned off. */
type EventSetting = Extract<SettingName, `events.${string}`>;
type OpenFamily = "source" | "consent";

const PRODUCT_ID_FIELDS = new Set(["variant", "product", "sku", "country"]);

function namesOnlyKnownFields(template: string): boolean {
  const fields = [...template.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? "");
  return fields.length > 0 && fields.every((field) => PRODUCT_ID_FIELDS.has(field));
}

/**
 * Characters that no setting may hold: Postgres rejects NUL and unpaired surrogates, and the others
 * are invisible.
 */
const UNSEEN = /[\p{Cc}\p{Cs}]/u;

const PRODUCT_ID =
  "use variant, product, sku, or a template of {variant}, {product}, {sku} and {country}";

const productId = boundedText(200, PRODUCT_ID).refine(
  (value) =>
    ["variant", "product", "sku"].includes(value) ||
    (!UNSEEN.test(value) && namesOnlyKnownFields(value)),
  PRODUCT_ID,
);

function listOf<Item extends z.ZodType>(item: Item, most: number, fault: string) {
  return z.array(item, fault).max(most, fault).default([]);
}

const EMAILS = "use at most 20 email addresses, each of at most 320 characters";
const email = boundedText(320, EMAILS).check(z.email(EMAILS));

const WEBHOOKS = "use at most 5 addresses that begin with https://, without control characters";
const webhook = boundedText(2_048, WEBHOOKS)
  .check(z.url({ protocol: /^https?$/, error: WEBHOOKS }))
  .refine((value) => !UNSEEN.test(value) && isSecureOrLocal(value), WEBHOOKS);

/** Whether this machine may be called is decided where it is called: in sandbox mode alone. */
function isSecureOrLocal(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || hostname === "localhost" || isLoopbackAddress(hostname);
}

/** A number, or its digits as forms and commands give them; empty text is not zero. */
function wholeNumber([least, most]: readonly [number, number]) {
  const message = `use a whole number from ${least} to ${most}`;
  const digits = (value: unknown) =>
    typeof value === "string" && value.length <= 20 && /^\s*\d{1,6}\s*$/.test(value)
      ? Number(value)
      : value;
  return z.preprocess(digits, z.int(message).min(least, message).max(most, message));
}

const FLAT_SETTINGS = {
  purchase_trigger: oneOf("order_created", "order_paid").default(SETTINGS.purchase_trigger.default),
  pixel_fallback: onOff.default(SETTINGS.pixel_fallback.default),
  value_basis: oneOf("subtotal_before_tax", "subtotal", "total").default(
    SETTINGS.value_basis.default,
  ),
  currency_basis: oneOf("shop", "presentment").default(SETTINGS.currency_basis.default),
  product_id: productId.default(SETTINGS.product_id.default),
  test_orders: sendOrSkip.default(SETTINGS.test_orders.default),
  zero_total_orders: sendOrSkip.default(SETTINGS.zero_total_orders.default),
  cancelled_orders: sendOrSkip.default(SETTINGS.cancelled_orders.default),
  signup_from: oneOf("no_checkout", "account", "any_customer").default(
    SETTINGS.signup_from.default,
  ),
  hold_seconds: wholeNumber(SETTINGS.hold_seconds.range).default(SETTINGS.hold_seconds.default),
  payload_days: wholeNumber(SETTINGS.payload_days.range).default(SETTINGS.payload_days.default),
  alert_emails: listOf(email, 20, EMAILS),
  alert_webhook_url: listOf(webhook, 5, WEBHOOKS),
  alert_connection: onOff.default(SETTINGS.alert_connection.default),
  alert_late: onOff.default(SETTINGS.alert_late.default),
  alert_refused: onOff.default(SETTINGS.alert_refused.default),
  alert_orders: onOff.default(SETTINGS.alert_orders.default),
  alert_daily: onOff.default(SETTINGS.alert_daily.default),
} satisfies Record<Exclude<SettingName, EventSetting | OpenFamily>, z.ZodType>;

const eventSettings = Object.fromEntries(
  Object.keys(SETTINGS)
    .filter((name) => name.startsWith("events."))
    .map((name) => [name, onOff.default("on")]),
) as Record<EventSetting, z.ZodDefault<typeof onOff>>;

/** How orders of a `source_name` are treated; `source.other` is for names not listed. */
const sourceRule = oneOf("send", "offline", "skip");
/** `require`: marketing consent must have been given. `respect`: a refusal blocks, silence allows. */
const consentRule = oneOf("require", "respect");

/** A rule for `UK` would match no shopper: the code is `GB`. */
const PLACES = [...COUNTRIES, ...Object.keys(REGIONS)];

/** Settings that have one key for each source name or region that a shop sets. */
const OPEN_SETTINGS = [
  { pattern: /^source\.[\w:.-]{1,100}$/, value: sourceRule },
  { pattern: new RegExp(`^consent\\.(?:${PLACES.join("|")}|default)$`), value: consentRule },
] as const;

/**
 * The most open keys of one shop, in addition to those that have a default. It keeps a shop's
 * settings below 32 KiB: they are read for its webhooks, and kept with each version.
 */
const MOST_OPEN_KEYS = 100;

/**
 * A shop's settings under the names of the `pinrelay shop set` command. Only differences from the
 * defaults are stored, so that a better default reaches every shop that never chose.
 */
export const shopSettings = z
  .object({ ...FLAT_SETTINGS, ...eventSettings })
  .catchall(z.union([sourceRule, consentRule]))
  .superRefine((settings, context) => {
    const known = new Set([...Object.keys(FLAT_SETTINGS), ...Object.keys(eventSettings)]);
    for (const [key, value] of Object.entries(settings)) {
      if (known.has(key)) continue;
      const open = OPEN_SETTINGS.find((setting) => setting.pattern.test(key));
      if (open === undefined) {
        context.addIssue({ code: "custom", path: [key], message: "is not a setting" });
      } else if (!open.value.safeParse(value).success) {
        const message = `use ${open.value.options.join(" or ")}`;
        context.addIssue({ code: "custom", path: [key], message });
      }
    }
  })
  .transform((settings) => ({ ...OPEN_DEFAULTS, ...settings }));

/** Lists the keys that exceed a shop's limit, in the order in which they stand. */
export function surplusKeys(settings: object): string[] {
  const open = Object.keys(settings).filter((key) => !Object.hasOwn(DEFAULTS, key));
  return open.slice(MOST_OPEN_KEYS);
}

const DEFAULTS = shopSettings.parse({});

export type ShopSettings = z.infer<typeof shopSettings>;

/** The rule for one key of an open family; the family's own default applies where the key is not set. */
export function dynamicSetting(settings: ShopSettings, key: string): string | undefined {
  return lookUp<unknown>(settings, key) as string | undefined;
}
