import { webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import vm from "node:vm";

const SCRIPT = new URL("../../../extensions/pinrelay-tag/assets/pinrelay-tag.js", import.meta.url);
const script = new vm.Script(readFileSync(SCRIPT, "utf8"));

/** `answer`: what the shopper said of marketing; `""`: nothing yet. */
interface Consent {
  marketing: boolean;
  saleOfData?: boolean;
  answer?: string | boolean;
}

interface Options {
  search?: string;
  cookie?: string;
  facts?: object | null;
  consent?: Consent | null;
  stored?: Map<string, string>;
  /** True: storage throws, as in some private windows. */
  isPrivate?: boolean;
  /** Where Shopify sees the shopper. */
  region?: string;
  /** Addresses that the page has asked for. */
  asked?: readonly string[];
  pintrk?: unknown;
  shopify?: object;
}

const NO_FACTS = { tagId: null, email: null, pixel: null, noted: null, refusal: null };

/** Runs the theme's script on a page that has what the script uses of a browser. */
export function openThemePage(options: Options = {}) {
  const { stored = new Map<string, string>(), asked = [], facts = {} } = options;
  let consent = options.consent === undefined ? { marketing: true } : options.consent;
  const listeners = new Map<string, (event: object) => void>();
  const scripts: { src?: string }[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: the bodies are what the tests are about
  const requests: { url: string; body: any }[] = [];
  const reports: unknown[] = [];
  const api = {
    marketingAllowed: () => consent?.marketing,
    saleOfDataAllowed: () => consent?.saleOfData ?? true,
    currentVisitorConsent: () => ({ marketing: consent?.answer ?? "" }),
    getRegion: () => options.region ?? "",
  };
  const shopify: Record<string, unknown> = {
    analytics: { publish: (name: string, data: object) => reports.push({ name, ...data }) },
    loadFeatures(_: unknown, done: (fault?: unknown) => void) {
      if (consent !== null) shopify.customerPrivacy = api;
      done(consent === null ? new Error("blocked") : undefined);
    },
    ...options.shopify,
  };
  const context: Record<string, unknown> = vm.createContext({
    Shopify: shopify,
    URL,
    Date,
    TextEncoder,
    crypto: webcrypto,
    URLSearchParams,
    navigator: {
      language: "en-GB",
      sendBeacon(url: string, form: URLSearchParams) {
        const named = [...form].map(([name, value]) => [
          name.slice("attributes[".length, -1),
          value,
        ]);
        requests.push({ url, body: { attributes: Object.fromEntries(named) } });
        return true;
      },
    },
    location: { search: options.search ?? "", href: "https://shop.example/pages/club?x=1" },
    document: {
      readyState: "complete",
      cookie: options.cookie ?? "",
      head: { append: (element: { src?: string }) => scripts.push(element) },
      createElement: () => ({}),
      querySelector: () => scripts.find(({ src }) => src?.includes("s.pinimg.com")) ?? null,
      addEventListener: (name: string, listen: (event: object) => void) =>
        listeners.set(name, listen),
    },
    performance: { getEntriesByType: () => asked.map((name) => ({ name })) },
    localStorage: storage(stored, options.isPrivate ?? false),
    setTimeout: (work: () => void, delay: number) => setTimeout(work, delay),
    async fetch(url: string, { body }: { body: string }) {
      requests.push({ url, body: JSON.parse(body) });
    },
    ...(facts !== null && { pinrelayTag: { ...NO_FACTS, ...facts } }),
    ...(options.pintrk !== undefined && { pintrk: options.pintrk }),
  });
  context.window = context;
  script.runInContext(context as vm.Context);
  return {
    stored,
    scripts,
    requests,
    reports,
    /** What Pinterest's tag was asked, if it is the one that the script loaded. */
    calls: () => (context.pintrk as { queue?: unknown[] } | undefined)?.queue ?? [],
    changeConsent(given: NonNullable<Options["consent"]>) {
      consent = given;
      listeners.get("visitorConsentCollected")?.({});
    },
    /** The shopper sends a form with these fields. */
    submit(fields: Record<string, string>) {
      const named = Object.entries(fields).map(([name, value]) => [name, { value }]);
      listeners.get("submit")?.({ target: { elements: Object.fromEntries(named) } });
    },
  };
}

function storage(stored: Map<string, string>, isPrivate: boolean) {
  const guard = <Result>(work: () => Result) => {
    if (isPrivate) throw new Error("The operation is insecure.");
    return work();
  };
  return {
    getItem: (key: string) => guard(() => stored.get(key) ?? null),
    setItem: (key: string, value: string) => guard(() => stored.set(key, value)),
    removeItem: (key: string) => guard(() => stored.delete(key)),
  };
}
