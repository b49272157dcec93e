/** What each setting is called on screen, by its name in app/events/shop-settings.ts. */
export const settingLabels = {
  purchase_trigger: "Purchase is sent when the order is",
  "events.initiate_checkout": "Checkout started",
  "events.signup": "Sign-up",
  signup_from: "Who counts as a sign-up",
  "events.add_payment_info": "Payment info added",
  "events.page_visit": "Page view",
  "events.view_category": "Category view",
  "events.search": "Search",
  "events.add_to_cart": "Added to cart",
  pixel_fallback: "Purchases that only the browser reported",
  value_basis: "Value",
  currency_basis: "Currency",
  product_id: "Product ID",
  test_orders: "Test orders",
  zero_total_orders: "Orders with a total of zero",
  cancelled_orders: "Orders canceled before sending",
  hold_seconds: "Hold time (seconds)",
  payload_days: "Event bodies are kept (days)",
  alert_emails: "Alert email addresses",
  alert_webhook_url: "Alert webhook addresses",
} as const;

/** For `source.<name>` and `consent.<region>`, with the name or region. */
export const openSettingLabels = {
  source: "Orders from {name}",
  consent: "Consent in {name}",
} as const;

/** Values on screen, by setting. */
export const settingValues = {
  purchase_trigger: { order_created: "created", order_paid: "paid" },
  signup_from: {
    no_checkout: "new customers without a purchase or checkout",
    account: "new customers with an account",
    any_customer: "every new customer",
  },
  value_basis: {
    subtotal_before_tax: "subtotal after discounts, before tax and shipping",
    subtotal: "subtotal",
    total: "total",
  },
  currency_basis: { shop: "store currency", presentment: "shopper's currency" },
  product_id: { variant: "Variant ID", product: "Product ID", sku: "SKU" },
  event: { on: "On", off: "Off" },
  order: { skip: "don't send", send: "send" },
  source: { send: "send", offline: "send as offline", skip: "don't send" },
  consent: {
    require: "send only with marketing consent",
    respect: "send unless the shopper declined",
  },
} as const;

export const settingUnits = {
  hold_seconds: "{n} s",
  payload_days: "{n, plural, one {# day} other {# days}}",
} as const;

export const settingWords = {
  none: "none",
  notSet: "not set",
  /** In place of what must not be shown. */
  changed: "changed",
  template: "template {template}",
} as const;

/** `source.other`: every source that has no rule of its own. */
export const otherSources = "Other apps";

export const regionNames = {
  EU: "the European Union and EEA",
  GB: "the United Kingdom",
  CH: "Switzerland",
  default: "all other countries",
} as const;
