import type { Answer, SandboxRequest } from "../local-server.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Cart } from "./shop-floor.ts";

/** Shopify's Ajax API of the cart, which themes and their scripts use. */

/** `/cart.js`: prices in the hundredth part of the currency, whatever the currency. */
export function answerAjaxCart({ token, lines, attributes }: Cart, catalogue: Catalogue): Answer {
  const items = [...lines].flatMap(([id, quantity]) => {
    const variant = catalogue.variant(id);
    if (variant === undefined) return [];
    const { product, sku } = variant;
    const item = {
      id: Number(id),
      variant_id: Number(id),
      product_id: Number(product.id),
      quantity,
    };
    return [{ ...item, sku, title: `${product.title} - ${variant.title}`, price: product.minor }];
  });
  const total = items.reduce((sum, { price, quantity }) => sum + price * quantity, 0);
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8" },
    text: JSON.stringify({
      token,
      note: "",
      attributes,
      total_price: total,
      item_count: items.reduce((sum, { quantity }) => sum + quantity, 0),
      items,
      currency: catalogue.currency,
    }),
  };
}

interface CartChange {
  items: { id: string; quantity: number }[];
  attributes: Record<string, string>;
}

/** `/cart/add.js` and `/cart/update.js`, as JSON or as a form; the answer is a refusal, or none. */
export function putIntoCart(
  cart: Cart,
  request: SandboxRequest,
  catalogue: Catalogue,
): Answer | undefined {
  const { items, attributes } = readChange(request);
  const unknown = items.find(({ id }) => catalogue.variant(id) === undefined);
  if (unknown !== undefined) {
    const description = "Cannot find variant";
    return { status: 404, json: { status: 404, message: "Cart Error", description } };
  }
  for (const { id, quantity } of items) cart.lines.set(id, (cart.lines.get(id) ?? 0) + quantity);
  for (const [name, value] of Object.entries(attributes)) {
    // An empty value takes an attribute out.
    if (value === "" || value === null) delete cart.attributes[name];
    else cart.attributes[name] = String(value);
  }
  return undefined;
}

function readChange({ headers, body }: SandboxRequest): CartChange {
  const isJson = (headers["content-type"] ?? "").startsWith("application/json");
  if (isJson) {
    const given = JSON.parse(body.toString()) as Partial<CartChange> & {
      id?: unknown;
      quantity?: number;
    };
    const single =
      given.id === undefined ? [] : [{ id: String(given.id), quantity: given.quantity ?? 1 }];
    const items = (given.items ?? []).map(({ id, quantity = 1 }) => ({ id: String(id), quantity }));
    return { items: [...single, ...items], attributes: given.attributes ?? {} };
  }
  const form = new URLSearchParams(body.toString());
  const id = form.get("id");
  const named = [...form].flatMap(([key, value]) => {
    const [, name] = /^attributes\[(.+)\]$/.exec(key) ?? [];
    return name === undefined ? [] : [[name, value] as const];
  });
  return {
    items: id === null ? [] : [{ id, quantity: Number(form.get("quantity") ?? 1) }],
    attributes: Object.fromEntries(named),
  };
}
