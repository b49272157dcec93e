import type { Answer, SandboxRequest } from "../local-server.ts";
import { placeOf } from "../sample-people.ts";
import { answerAjaxCart, putIntoCart } from "./ajax-cart.ts";
import type { DeclaredPixel } from "./browser/web-pixels-manager.ts";
import { informationPage, paymentPage, thankYouPage } from "./checkout-pages.ts";
import { type PageContent, renderPage } from "./layout.ts";
import type { OpenShop } from "./open-shop.ts";
import { cartData, cartLineData, shopData } from "./pixel-data.ts";
import { renderEmbed } from "./render-embed.ts";
import type { SaleSender } from "./send-sale.ts";
import type { Cart, Checkout } from "./shop-floor.ts";
import { cartPage, collectionPage, homePage, productPage, searchPage } from "./shop-pages.ts";
import { cartCookie, readVisit, type Visit } from "./visitor.ts";

/** What the pages of all shops share. */
export interface ShopParts {
  sender: SaleSender;
  declarePixel(domain: string, ip: string): DeclaredPixel | null;
  metafield(domain: string, place: string): string | undefined;
}

/** One request of a shopper. */
interface Asked extends Visit {
  open: OpenShop;
  parts: ShopParts;
  request: SandboxRequest;
  /** Null where nothing was put into it yet. */
  cart: Cart | null;
}

const NOT_KEPT = { "cache-control": "no-store" };

/** Answers one request to a shop; `path` is what follows the shop's root. */
export async function answerShopper(
  open: OpenShop,
  parts: ShopParts,
  request: SandboxRequest,
  path: string,
): Promise<Answer> {
  const { ip } = open.plan;
  const usual = { ip, region: open.floor.shop.countryCode };
  const visit = readVisit(request, open.root, usual);
  const cart = open.floor.carts.get(visit.cartToken ?? "") ?? null;
  const asked: Asked = { ...visit, open, parts, request, cart };
  const answer = request.method === "POST" ? await answerForm(asked, path) : answerGet(asked, path);
  const cookies = visit.cookies.length > 0 ? { "set-cookie": visit.cookies } : {};
  return { ...answer, headers: { ...NOT_KEPT, ...cookies, ...answer.headers } };
}

function answerGet(asked: Asked, path: string): Answer {
  if (path === "cart.js") return answerAjaxCart(cartOf(asked), asked.open.floor.catalogue);
  const content = findPage(asked, path);
  if (content === null) return { status: 404, text: "Not found" };
  return { status: 200, text: renderPage(layoutFacts(asked), content) };
}

function findPage(asked: Asked, path: string): PageContent | null {
  const { open, request, cart } = asked;
  const { root, floor } = open;
  const [kind, name = "", step = ""] = path.split("/");
  switch (kind) {
    case "":
      return homePage(root, floor.catalogue);
    case "collections":
      return collectionPage(root, name, floor.catalogue);
    case "products":
      return productPage(root, name, floor.catalogue);
    case "search":
      return searchPage(root, request.url.searchParams.get("q") ?? "", floor.catalogue);
    case "cart":
      return cartPage(root, cart, floor.catalogue);
    case "checkouts":
      return findCheckoutPage(asked, floor.checkouts.get(name), step);
    default:
      return null;
  }
}

function findCheckoutPage({ open }: Asked, checkout: Checkout | undefined, step: string) {
  if (checkout === undefined) return null;
  const { root, floor, plan } = open;
  const action = `${root}checkouts/${checkout.token}/`;
  if (checkout.order !== null) {
    const digits = String(checkout.order.id);
    const id = plan.orderIdForm === "gid" ? `gid://shopify/OrderIdentity/${digits}` : digits;
    return thankYouPage(root, checkout, floor.catalogue, id);
  }
  if (step === "payment" && checkout.person !== null) {
    return paymentPage(action, checkout, floor.catalogue);
  }
  return informationPage(action, checkout, floor.catalogue);
}

function layoutFacts({ open, parts, visitor, cart }: Asked) {
  const { floor, plan, root } = open;
  const { shop, catalogue } = floor;
  const init = {
    cart: cart === null ? null : cartData(cart, catalogue),
    customer: null,
    shop: shopData(shop),
    purchasingCompany: null,
  };
  const embedValues = {
    "app.metafields.settings.tag_id.value": parts.metafield(shop.domain, "settings.tag_id") ?? null,
    "app.metafields.settings.pixel.value": addressOfPixel(parts, shop.domain, visitor.ip),
    "cart.attributes._epik": cart?.attributes._epik ?? null,
    "cart.attributes._pinrelay_consent": cart?.attributes._pinrelay_consent ?? null,
    // Nobody signs in to this shop.
    email: null,
  };
  return {
    shopName: shop.name,
    domain: shop.domain,
    currency: shop.currencyCode,
    itemCount: [...(cart?.lines.values() ?? [])].reduce((sum, count) => sum + count, 0),
    themeHead: `<script>${plan.themeScript}</script>${plan.hasEmbed ? renderEmbed(embedValues) : ""}`,
    collections: catalogue.collections,
    page: {
      root,
      publicOrigin: `https://${shop.primaryDomain}`,
      region: visitor.region,
      init,
      events: [],
      pixel: parts.declarePixel(shop.domain, visitor.ip),
      pinterestPixel: plan.pinterestPixel,
    },
  };
}

/** What the app told the theme, with the way that a shopper's request takes. */
function addressOfPixel(parts: ShopParts, domain: string, ip: string): string | null {
  const pixel = parts.declarePixel(domain, ip);
  const [, key] = parts.metafield(domain, "settings.pixel")?.split("#") ?? [];
  return pixel === null || key === undefined ? null : `${pixel.settings.endpoint}#${key}`;
}

/** The shopper's cart, made where there is none. */
function cartOf(asked: Asked): Cart {
  if (asked.cart !== null) return asked.cart;
  const cart = asked.open.floor.newCart();
  asked.cookies.push(cartCookie(asked.open.root, cart.token));
  asked.cart = cart;
  return cart;
}

async function answerForm(asked: Asked, path: string): Promise<Answer> {
  const { open, request } = asked;
  const form = new URLSearchParams(request.body.toString());
  const [kind, token = "", step] = path.split("/");
  if (path === "cart/add") return addFromPage(asked, form);
  if (/^cart\/(add|update)\.js$/.test(path)) {
    const cart = cartOf(asked);
    const fault = putIntoCart(cart, request, open.floor.catalogue);
    return fault ?? answerAjaxCart(cart, open.floor.catalogue);
  }
  if (path === "checkout") return openCheckout(asked);
  if (path === "contact") return signUp(asked, form);
  const checkout = kind === "checkouts" ? open.floor.checkouts.get(token) : undefined;
  if (checkout === undefined) return { status: 404, text: "Not found" };
  return step === "pay" ? pay(asked, checkout) : saveInformation(asked, checkout, form);
}

function addFromPage(asked: Asked, form: URLSearchParams): Answer {
  const { catalogue } = asked.open.floor;
  const variant = catalogue.variant(form.get("id") ?? "");
  const quantity = Number(form.get("quantity") ?? 1);
  if (variant === undefined || !(quantity > 0)) return { status: 422, json: { events: [] } };
  const { lines } = cartOf(asked);
  lines.set(variant.id, (lines.get(variant.id) ?? 0) + quantity);
  const count = [...lines.values()].reduce((sum, one) => sum + one, 0);
  const data = { cartLine: cartLineData(variant, quantity, catalogue.currency) };
  const event = { name: "product_added_to_cart", data };
  return answerScript(asked, { events: [event], count }, `${asked.open.root}cart`);
}

/** Shopify makes a customer without an account of whoever wants the newsletter. */
function signUp({ open, parts }: Asked, form: URLSearchParams): Answer {
  const email = form.get("contact[email]") ?? "";
  if (email === "") return { status: 422, text: "No email" };
  const send = () => parts.sender.signedUp(open.floor, email);
  if (open.plan.orderWebhooks === "held") open.held.push(send);
  else void send();
  return { status: 303, headers: { location: `${open.root}?customer_posted=true` } };
}

function openCheckout(asked: Asked): Answer {
  const { open, parts, visitor } = asked;
  const cart = cartOf(asked);
  if (cart.lines.size === 0) return { status: 303, headers: { location: `${open.root}cart` } };
  const before = open.floor.checkouts.size;
  const checkout = open.floor.openCheckout(cart, visitor);
  parts.sender.checkoutOpened(open.floor, checkout, open.floor.checkouts.size > before);
  return { status: 303, headers: { location: `${open.root}checkouts/${checkout.token}` } };
}

function saveInformation(
  { open, parts }: Asked,
  checkout: Checkout,
  form: URLSearchParams,
): Answer {
  const text = (name: string) => form.get(name) ?? "";
  const { ip, userAgent } = checkout.visitor;
  checkout.person = {
    firstName: text("first_name"),
    lastName: text("last_name"),
    email: text("email"),
    phone: text("phone"),
    street: text("address1"),
    ip,
    userAgent,
    place: { ...placeOf(checkout.countryCode), zip: text("zip"), city: text("city") },
  };
  parts.sender.checkoutOpened(open.floor, checkout, false);
  const location = `${open.root}checkouts/${checkout.token}/payment`;
  return { status: 303, headers: { location } };
}

async function pay(asked: Asked, checkout: Checkout): Promise<Answer> {
  const { open, parts } = asked;
  const { order, isNew } = open.floor.pay(checkout);
  if (isNew) parts.sender.orderMade(open.floor, checkout, order);
  const next = `${open.root}checkouts/${checkout.token}/thank-you`;
  const send = () => parts.sender.orderPaid(open.floor, checkout, order);
  if (isNew) {
    if (open.plan.orderWebhooks === "held") open.held.push(send);
    else if (open.plan.orderWebhooks === "before_page") await send();
    else void send();
  }
  // The next purchase begins without a cart.
  const cookie = cartCookie(open.root, "");
  asked.cookies.push(cookie);
  return answerScript(asked, { events: [], next }, next);
}

/** Answers the page's script; a shopper who was faster than it gets the page that comes `next`. */
function answerScript({ request }: Asked, json: object, next: string): Answer {
  const isFaster = (request.headers.accept ?? "").includes("text/html");
  return isFaster ? { status: 303, headers: { location: next } } : { status: 200, json };
}
