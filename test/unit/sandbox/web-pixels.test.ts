import { expect, test } from "vitest";
import {
  createCustomerPrivacy,
  toPixelPrivacy,
} from "#test/sandbox/storefront/browser/customer-privacy.ts";
import type {
  PixelEvent,
  ToPage,
  ToWorker,
} from "#test/sandbox/storefront/browser/pixel-events.ts";
import { openSandbox } from "#test/sandbox/storefront/browser/pixel-sandbox.ts";
import { createWebPixelsManager } from "#test/sandbox/storefront/browser/web-pixels-manager.ts";

/** What a pixel gets from `shopify.extend`, as far as these tests use it. */
interface Api {
  analytics: { subscribe(name: string, callback: (event: PixelEvent) => void): () => boolean };
  customerPrivacy: { subscribe(name: string, callback: (told: unknown) => void): void };
  browser: { cookie: { get(name: string): Promise<string> } };
  settings: Record<string, unknown>;
}

/** A page in `region` with a pixel that does what `run` does. */
function openPage(region: string, run: (api: Api) => void) {
  let cookie = "";
  const complaints: string[] = [];
  const privacy = createCustomerPrivacy({
    region,
    readCookie: () => cookie.replace(/^[^=]*=|;.*$/g, ""),
    writeCookie: (text) => {
      cookie = text;
    },
    tell: () => manager.consentChanged(),
  });
  const frame = {
    clientId: "client-1",
    init: { cart: null, customer: null, shop: {}, purchasingCompany: null },
    context: () =>
      ({ document: {}, navigator: {}, window: {} }) as unknown as PixelEvent["context"],
    consent: () => toPixelPrivacy(privacy),
    callStore: (...call: unknown[]) => JSON.stringify(call),
    once: () => true,
    nowMs: () => 1_764_000_000_000,
    uuid: () => "00000000-0000-4000-8000-000000000000",
    complain: (message: string) => void complaints.push(message),
  };
  const declared = {
    script: "pixel.js",
    settings: { key: "k" },
    permissions: { analytics: false, marketing: true, preferences: false, sale_of_data: "ldu" },
  } as const;
  const manager = createWebPixelsManager(frame, declared, () => {
    let toPage: (message: ToPage) => void = () => undefined;
    let toWorker: (message: ToWorker) => void = () => undefined;
    openSandbox(
      {
        post: (message) => toPage(message),
        listen: (receive) => {
          toWorker = receive;
        },
      },
      async (_script, { extend }) => extend("WebPixel::Render", (api) => run(api as Api)),
    );
    return {
      post: (message) => toWorker(structuredClone(message)),
      listen: (receive) => {
        toPage = receive;
      },
    };
  });
  return { manager, privacy, complaints };
}

test("where the region asks first, a pixel loads when the shopper consents, and learns what happened before", () => {
  const seen: string[] = [];
  const { manager, privacy } = openPage("DE", ({ analytics }) => {
    analytics.subscribe("all_events", ({ name }) => seen.push(name));
    analytics.subscribe("product_viewed", ({ id }) => seen.push(id));
  });
  manager.publish("page_viewed", {});
  manager.publish("product_viewed", {});
  expect(seen).toEqual([]);
  privacy.setTrackingConsent({ analytics: true, marketing: false });
  expect(seen).toEqual([]);
  privacy.setTrackingConsent({ marketing: true });
  const id = "sh-00000000-0000-4000-8000-000000000000";
  expect(seen).toEqual(["page_viewed", "product_viewed", id]);
  manager.publishCustomEvent("pinrelay:signup", { email: "a@example.com" });
  expect(seen.at(-1)).toBe("pinrelay:signup");
});

test("a pixel that runs is told of a withdrawal, and a sale that is opted out of does not unload it", () => {
  const told: unknown[] = [];
  const { privacy } = openPage("US-CA", ({ customerPrivacy }) => {
    customerPrivacy.subscribe("visitorConsentCollected", (payload) => told.push(payload));
  });
  privacy.setTrackingConsent({ sale_of_data: false });
  privacy.setTrackingConsent({ marketing: false });
  const allowed = { analyticsProcessingAllowed: true, preferencesProcessingAllowed: true };
  expect(told).toEqual([
    { customerPrivacy: { ...allowed, marketingAllowed: true, saleOfDataAllowed: false } },
    { customerPrivacy: { ...allowed, marketingAllowed: false, saleOfDataAllowed: false } },
  ]);
});

test("a pixel reaches cookies through the page, changes nothing that it was given, and its errors stay in the sandbox", async () => {
  const answers: Promise<string>[] = [];
  const seen: string[] = [];
  const { manager, complaints } = openPage("US", ({ analytics, browser, settings }) => {
    analytics.subscribe("page_viewed", () => {
      answers.push(browser.cookie.get("_epik"));
      settings.key = "stolen";
    });
    analytics.subscribe("search_submitted", (event) => {
      (event as { name: string }).name = "changed";
    });
    analytics.subscribe("all_events", ({ name }) => seen.push(name));
    const unknown = analytics as unknown as { publish(name: string): void };
    analytics.subscribe("cart_viewed", () => unknown.publish("x"));
    expect(() => analytics.subscribe("x", undefined as never)).toThrow(TypeError);
  });
  manager.publish("page_viewed", {});
  manager.publish("search_submitted", {});
  manager.publish("cart_viewed", {});
  expect(await answers[0]).toBe('["cookie","get",["_epik"]]');
  expect(seen).toEqual(["page_viewed", "search_submitted", "cart_viewed"]);
  expect(complaints.map((text) => text.split("\n")[0])).toEqual([
    expect.stringContaining("Cannot assign to read only property"),
    expect.stringContaining("is not a function"),
  ]);
});
