import { readFileSync } from "node:fs";
import vm from "node:vm";
import { buildExtensions, PIXEL_BUNDLE } from "#extensions/build-extensions.ts";

await buildExtensions();
const bundle = new vm.Script(readFileSync(PIXEL_BUNDLE, "utf8"));

/** What the pixel sent: one body for each request. */
export interface Sent {
  url: string;
  options: {
    method: string;
    keepalive: boolean;
    credentials: string;
    headers: Record<string, string>;
  };
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the body is what the tests are about
  body: any;
}

export const SETTINGS = {
  endpoint: "https://app.test/pixel",
  shop: "demo.myshopify.com",
  key: "pk_public",
};

export const ALLOWED = {
  marketingAllowed: true,
  analyticsProcessingAllowed: true,
  preferencesProcessingAllowed: true,
  saleOfDataAllowed: true,
};
export const REFUSED = { ...ALLOWED, marketingAllowed: false };

interface Options {
  consent?: unknown;
  stored?: Map<string, string>;
  /** How long the page's own thread takes for an answer. */
  answersAfterMs?: number;
  cookies?: Record<string, string>;
  /** What stands in for the page's own thread where it fails. */
  browser?: object;
  cart?: object | null;
  /** Answers a request; throws or rejects where the network fails. */
  answer?: (sent: Sent) => unknown;
}

/**
 * Runs the built pixel on one page, with what Shopify's strict sandbox has and nothing else: no
 * window, no document. Timers and the clock are those of the test.
 */
export function openPage(options: Options = {}) {
  const { stored = new Map(), cookies = {}, answer = () => ({ status: 202 }) } = options;
  const onPage = async <Answer>(work: () => Answer): Promise<Answer> => {
    if (options.answersAfterMs) {
      await new Promise((resolve) => setTimeout(resolve, options.answersAfterMs));
    }
    return work();
  };
  const sent: Sent[] = [];
  const listeners = new Map<string, (event: unknown) => void>();
  let onConsent: (event: unknown) => void = () => {};
  let start: (api: unknown) => void = () => {};
  const globals = {
    shopify: {
      extend(target: string, given: typeof start) {
        if (target === "WebPixel::Render") start = given;
      },
    },
    async fetch(url: string, { body, ...rest }: { body: string } & Sent["options"]) {
      const request = { url, options: rest, text: body, body: JSON.parse(body) };
      sent.push(request);
      return answer(request);
    },
    setTimeout: (work: () => void, delay: number) => setTimeout(work, delay),
    TextEncoder,
    Date,
  };
  const context = vm.createContext(globals);
  const before = Object.keys(context);
  bundle.runInContext(context);
  start({
    analytics: {
      subscribe: (name: string, listen: (event: unknown) => void) => listeners.set(name, listen),
    },
    browser: options.browser ?? {
      cookie: { get: (name: string) => onPage(() => cookies[name] ?? "") },
      localStorage: {
        getItem: (key: string) => onPage(() => stored.get(key) ?? null),
        setItem: (key: string, value: string) => onPage(() => void stored.set(key, value)),
        removeItem: (key: string) => onPage(() => void stored.delete(key)),
      },
    },
    customerPrivacy: { subscribe: (_: string, listen: typeof onConsent) => (onConsent = listen) },
    init: {
      context: pageContext(HOME),
      data: { cart: options.cart ?? null },
      ...consentOf(options),
    },
    settings: SETTINGS,
  });
  return {
    sent,
    stored,
    names: () => sent.map(({ body }) => body.event.name),
    leftovers: () => Object.keys(context).filter((key) => !before.includes(key)),
    publish(name: string, event: object = {}) {
      listeners.get(name)?.(clone(customerEvent(name, event)));
    },
    publishCustom(name: string, customData: unknown) {
      listeners.get("all_custom_events")?.(clone({ ...customerEvent(name), customData }));
    },
    changeConsent(customerPrivacy: unknown) {
      onConsent(clone({ customerPrivacy }));
    },
  };
}

const consentOf = (options: Options) => ({
  customerPrivacy: "consent" in options ? options.consent : ALLOWED,
});

export const HOME = "https://demo.test/";
export const PRODUCT_PAGE = "https://demo.test/products/vase?variant=11";

const pageContext = (href: string) => ({
  document: {
    location: { href, hostname: "demo.test" },
    referrer: "https://www.pinterest.com/",
    title: "Vase",
    characterSet: "UTF-8",
  },
  navigator: { userAgent: "Mozilla/5.0 Test", language: "en-GB", cookieEnabled: true },
  window: { innerWidth: 800 },
});

let lastId = 0;

/** An event as Shopify publishes it. */
function customerEvent(name: string, { href = HOME, ...rest }: { href?: string } = {}) {
  lastId += 1;
  return {
    id: `sh-${lastId}`,
    name,
    timestamp: new Date().toISOString(),
    clientId: "client-1",
    seq: lastId,
    type: "standard",
    context: pageContext(href),
    data: {},
    ...rest,
  };
}

/** The sandbox gets copies: what it does to an event reaches nobody else. */
const clone = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value));
