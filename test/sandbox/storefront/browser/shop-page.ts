import {
  type CustomerPrivacyApi,
  createCustomerPrivacy,
  toPixelPrivacy,
} from "./customer-privacy.ts";
import { createContext } from "./page-context.ts";
import type { PageFacts } from "./page-facts.ts";
import type { Channel, ToPage, ToWorker } from "./pixel-events.ts";
import { bindForms } from "./shop-forms.ts";
import { callStore, readCookie } from "./stores.ts";
import { createWebPixelsManager, type WebPixelsManager } from "./web-pixels-manager.ts";

/** What runs in each page of the shop: Shopify's part of it. */

const facts = JSON.parse(document.getElementById("page-facts")?.textContent ?? "null") as PageFacts;

const COOKIE_SECONDS = 365 * 24 * 60 * 60;

function writeShopCookie(text: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: Shopify's own scripts write it so
  document.cookie = `${text}; path=${facts.root}`;
}

/** Shopify's name for this browser. */
function readClientId(): string {
  const known = readCookie(document.cookie, "_shopify_y");
  const id = known || crypto.randomUUID();
  writeShopCookie(`_shopify_y=${id}; max-age=${COOKIE_SECONDS}; samesite=lax`);
  return id;
}

function spawnWorker(): Channel<ToWorker, ToPage> {
  const worker = new Worker(new URL("./pixel-worker.ts", import.meta.url), {
    type: "module",
    name: "web-pixel",
  });
  worker.addEventListener("error", ({ message }) => console.error(`Web pixel: ${message}`));
  return {
    post: (message) => worker.postMessage(message),
    listen(receive) {
      worker.addEventListener("message", ({ data }: MessageEvent<ToPage>) => receive(data));
    },
  };
}

function startManager(privacy: CustomerPrivacyApi): WebPixelsManager {
  const clientId = readClientId();
  const stores = {
    cookie: {
      read: () => document.cookie,
      write(text: string) {
        // biome-ignore lint/suspicious/noDocumentCookie: what a pixel's `browser.cookie.set` does
        document.cookie = text;
      },
    },
    localStorage,
    sessionStorage,
  };
  const frame = {
    clientId,
    init: facts.init,
    context: () =>
      createContext(
        {
          href: location.href,
          referrer: document.referrer,
          title: document.title,
          userAgent: navigator.userAgent,
          languages: navigator.languages,
          width: innerWidth,
          height: innerHeight,
        },
        facts,
      ),
    consent: () => toPixelPrivacy(privacy),
    callStore: callStore.bind(null, stores),
    once(key: string) {
      const isFirst = localStorage.getItem(`once:${key}`) === null;
      localStorage.setItem(`once:${key}`, "1");
      return isFirst;
    },
    nowMs: Date.now,
    uuid: () => crypto.randomUUID(),
    complain: (message: string) => console.error(`Web pixel: ${message}`),
  };
  return createWebPixelsManager(frame, facts.pixel, spawnWorker);
}

/** Pinterest's own pixel: it tells of the same purchase under Shopify's id of the event. */
function startPinterestPixel(manager: WebPixelsManager): void {
  const { pinterestPixel } = facts;
  if (pinterestPixel === null) return;
  manager.subscribe("checkout_completed", ({ id }) => {
    const { url, adAccountId } = pinterestPixel;
    const body = JSON.stringify({ ad_account_id: adAccountId, event: "checkout", event_id: id });
    void fetch(url, { method: "POST", mode: "no-cors", keepalive: true, body });
  });
}

const privacy = createCustomerPrivacy({
  region: facts.region,
  readCookie: (name) => readCookie(document.cookie, name),
  writeCookie: writeShopCookie,
  tell: (event, detail) => void document.dispatchEvent(new CustomEvent(event, { detail })),
});
const manager = startManager(privacy);
document.addEventListener("visitorConsentCollected", () => manager.consentChanged());
startPinterestPixel(manager);

const shopify = (window as unknown as { Shopify: ShopifyGlobal }).Shopify;
shopify.customerPrivacy = privacy;
shopify.analytics = {
  publish(name, customData) {
    manager.publishCustomEvent(name, customData);
    return true;
  },
};
/** Themes ask for a feature before it is there. */
for (const done of shopify.waiting.splice(0)) done();
shopify.loadFeatures = (_features, done) => done?.();

for (const { name, data, once } of facts.events) manager.publish(name, data, once);
bindForms(manager, privacy);

interface ShopifyGlobal {
  customerPrivacy?: CustomerPrivacyApi;
  analytics?: { publish(name: string, customData: unknown): boolean };
  waiting: (() => void)[];
  loadFeatures(features: unknown, done?: (error?: unknown) => void): void;
}
