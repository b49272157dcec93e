import { readFileSync } from "node:fs";
import vm from "node:vm";

const SCRIPT = new URL("../../../extensions/pinrelay-tag/assets/pinrelay-tag.js", import.meta.url);
const script = new vm.Script(readFileSync(SCRIPT, "utf8"));

interface Options {
  search?: string;
  cookie?: string;
  facts?: object | null;
  consent?: { marketing: boolean; saleOfData?: boolean } | null;
  stored?: Map<string, string>;
  /** True: storage throws, as in some private windows. */
  isPrivate?: boolean;
  /** Addresses that the page has asked for. */
  asked?: readonly string[];
  pintrk?: unknown;
  shopify?: object;
}

/** Runs the theme's script on a page that has what the script uses of a browser. */
export function openThemePage(options: Options = {}) {
  const { stored = new Map<string, string>(), asked = [], facts = {} } = options;
  let consent = options.consent === undefined ? { marketing: true } : options.consent;
  let onConsent = () => {};
  const scripts: { src?: string }[] = [];
  const requests: { url: string; body: unknown }[] = [];
  const reports: unknown[] = [];
  const api = {
    marketingAllowed: () => consent?.marketing,
    saleOfDataAllowed: () => consent?.saleOfData ?? true,
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
    location: { search: options.search ?? "" },
    document: {
      readyState: "complete",
      cookie: options.cookie ?? "",
      head: { append: (element: { src?: string }) => scripts.push(element) },
      getElementById: () =>
        facts === null
          ? null
          : { textContent: JSON.stringify({ tagId: null, email: null, noted: null, ...facts }) },
      createElement: () => ({}),
      querySelector: () => scripts.find(({ src }) => src?.includes("s.pinimg.com")) ?? null,
      addEventListener: (_: string, listen: () => void) => (onConsent = listen),
    },
    performance: { getEntriesByType: () => asked.map((name) => ({ name })) },
    localStorage: storage(stored, options.isPrivate ?? false),
    setTimeout: (work: () => void, delay: number) => setTimeout(work, delay),
    async fetch(url: string, { body }: { body: string }) {
      requests.push({ url, body: JSON.parse(body) });
    },
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
      onConsent();
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
