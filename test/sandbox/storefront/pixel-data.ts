import type { SampleLine } from "../sample-lines.ts";
import { createPurse } from "../sample-money.ts";
import { addressOf } from "../sample-people.ts";
import type { LocalShop } from "../shopify/installed-shops.ts";
import type { Catalogue, Collection, Product, Variant } from "./catalogue.ts";
import type { Cart, Checkout } from "./shop-floor.ts";

/**
 * The data of Shopify's customer events: ids are texts of digits, amounts are numbers, and what is
 * not known is null.
 */

type Money = { amount: number; currencyCode: string };

function money(minor: number, currencyCode: string): Money {
  return { amount: Number(createPurse(currencyCode, currencyCode).text(minor)), currencyCode };
}

export function variantData({ id, sku, title, product }: Variant, currency: string) {
  return {
    id,
    image: null,
    price: money(product.minor, currency),
    product: {
      id: product.id,
      title: product.title,
      type: product.type,
      untranslatedTitle: product.title,
      url: `/products/${product.handle}`,
      vendor: product.vendor,
    },
    sku,
    title,
    untranslatedTitle: title,
  };
}

function firstVariants(products: Product[], currency: string) {
  return products
    .flatMap(({ variants }) => variants.slice(0, 1))
    .map((variant) => variantData(variant, currency));
}

export function collectionData({ id, title, products }: Collection, currency: string) {
  return { collection: { id, title, productVariants: firstVariants(products, currency) } };
}

export function searchData(query: string, products: Product[], currency: string) {
  return { searchResult: { query, productVariants: firstVariants(products, currency) } };
}

export function cartLineData(variant: Variant, quantity: number, currency: string) {
  return {
    cost: { totalAmount: money(variant.product.minor * quantity, currency) },
    merchandise: variantData(variant, currency),
    quantity,
  };
}

export function cartData(cart: Cart, catalogue: Catalogue) {
  const lines = [...cart.lines].flatMap(([id, quantity]) => {
    const variant = catalogue.variant(id);
    return variant === undefined ? [] : [cartLineData(variant, quantity, catalogue.currency)];
  });
  const amount = lines.reduce((sum, { cost }) => sum + cost.totalAmount.amount, 0);
  return {
    attributes: Object.entries(cart.attributes).map(([key, value]) => ({ key, value })),
    cost: { totalAmount: { amount: Number(amount.toFixed(3)), currencyCode: catalogue.currency } },
    id: cart.token,
    lines,
    totalQuantity: lines.reduce((sum, { quantity }) => sum + quantity, 0),
  };
}

export function shopData(shop: LocalShop) {
  return {
    countryCode: shop.countryCode,
    myshopifyDomain: shop.domain,
    name: shop.name,
    paymentSettings: { currencyCode: shop.currencyCode },
    storefrontUrl: `https://${shop.primaryDomain}`,
  };
}

function addressData({ person }: Checkout) {
  if (person === null) return null;
  const address = addressOf(person);
  return {
    address1: address.address1,
    address2: null,
    city: address.city,
    country: address.country,
    countryCode: address.country_code,
    firstName: address.first_name,
    lastName: address.last_name,
    phone: address.phone,
    province: address.province,
    provinceCode: address.province_code,
    zip: address.zip,
  };
}

function lineData(line: SampleLine, index: number, catalogue: Catalogue) {
  const variant = catalogue.variant(line.variantId);
  const { currency } = catalogue;
  return {
    discountAllocations: [],
    finalLinePrice: money(line.unitMinor * line.quantity, currency),
    id: String(index + 1),
    properties: [],
    quantity: line.quantity,
    sellingPlanAllocation: null,
    title: line.title,
    variant: variant === undefined ? null : variantData(variant, currency),
  };
}

/** `checkout_started` and what follows it; the order's id is null until there is one. */
export function checkoutData(checkout: Checkout, catalogue: Catalogue, orderId: string | null) {
  const { currency } = catalogue;
  const { subtotal, tax, shipping } = checkout.totals();
  const address = addressData(checkout);
  const customerId = checkout.order === null ? null : String(checkout.order.customerId);
  return {
    checkout: {
      attributes: Object.entries(checkout.cart.attributes).map(([key, value]) => ({ key, value })),
      billingAddress: address,
      buyerAcceptsEmailMarketing: false,
      buyerAcceptsSmsMarketing: false,
      currencyCode: currency,
      delivery: null,
      discountApplications: [],
      discountsAmount: money(0, currency),
      email: checkout.person?.email ?? null,
      lineItems: checkout.lines.map((line, index) => lineData(line, index, catalogue)),
      localization: {
        country: { isoCode: checkout.countryCode },
        language: { isoCode: "en" },
        market: { handle: "primary", id: "gid://shopify/Market/1" },
      },
      order: {
        customer: { id: customerId, isFirstOrder: orderId === null ? null : true },
        id: orderId,
      },
      phone: checkout.person?.phone ?? null,
      shippingAddress: address,
      shippingLine: address === null ? null : { price: money(shipping, currency) },
      smsMarketingPhone: null,
      subtotalPrice: money(subtotal, currency),
      token: checkout.token,
      totalPrice: money(subtotal + shipping + tax, currency),
      totalTax: money(tax, currency),
      transactions: [],
    },
  };
}
