import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import vm from "node:vm";
import {
  type CustomerPrivacyApi,
  createCustomerPrivacy,
  toPixelPrivacy,
} from "./browser/customer-privacy.ts";
import { createContext } from "./browser/page-context.ts";
import type { PageFacts } from "./browser/page-facts.ts";
import type { Channel, ToPage, ToWorker } from "./browser/pixel-events.ts";
import { openSandbox } from "./browser/pixel-sandbox.ts";
import { callStore, type PageStores, readCookie } from "./browser/stores.ts";
import { createWebPixelsManager } from "./browser/web-pixels-manager.ts";

/**
 * A shopper without a browser: real requests to the shop's pages, and the built pixel in a sandbox
 * of its own, by the code that the pages run.
 */
export interface HeadlessShopper {
  /** Opens a page and waits until the pixel has told all that it tells of it. */
  visit(url: string): Promise<void>;
  /** Sends the form of the page whose action ends so, with more fields. */
  submit(action: string, fields?: Record<string, string>): Promise<void>;
  consent(isGiven: boolean): void;
  /** Closes the browser: what belongs to a visit is forgotten, what belongs to the shopper is not. */
  leave(): void;
}

export interface ShopperOptions {
  userAgent: string;
  ip: string;
  /** Nothing that its pixel sends arrives. */
  isPixelBlocked?: boolean;
}

interface Page {
  url: string;
  html: string;
  facts: PageFacts;
  manager: ReturnType<typeof createWebPixelsManager>;
  privacy: CustomerPrivacyApi;
}

const QUIET_POLL_MS = 5;
/** So often in a row nothing may be under way. */
const QUIET_LOOKS = 3;
const REDIRECTS = 5;
/** Cookies that end with the browser. */
const OF_A_VISIT = ["landing_page", "orig_referrer", "cart"];
/** What the theme's script says of the shop's pages, which no other Pinterest tag is on. */
const THEME_SCRIPT = "/pinrelay-tag.js";
const NO_OTHER_TAG = { embed: true, tags: [], shares_ids: null, cookie: false };
const NAVIGATION = { width: 1280, height: 800 };

export function createHeadlessShopper({
  userAgent,
  ip,
  isPixelBlocked,
}: ShopperOptions): HeadlessShopper {
  const cookies = new Map([["shopper_ip", ip]]);
  const stores: PageStores = {
    cookie: { read: () => formatCookies(cookies), write: (text) => storeCookie(cookies, text) },
    localStorage: createStorage(),
    sessionStorage: createStorage(),
  };
  let page: Page | undefined;
  let underWay = 0;
  let isReported = false;

  /** Counts what a pixel has asked for and not been answered. */
  async function track<T>(work: Promise<T>): Promise<T> {
    underWay += 1;
    try {
      return await work;
    } finally {
      underWay -= 1;
    }
  }

  async function untilQuiet(): Promise<void> {
    for (let looks = 0; looks < QUIET_LOOKS; looks += 1) {
      await wait(QUIET_POLL_MS);
      if (underWay > 0) looks = -1;
    }
  }

  function pixelFetch(url: string, init: RequestInit): Promise<Response> {
    if (isPixelBlocked) return Promise.reject(new TypeError("Failed to fetch"));
    return track(fetch(url, { ...init, headers: { ...init.headers, "user-agent": userAgent } }));
  }

  function spawn(): Channel<ToWorker, ToPage> {
    const toWorker = createPipe<ToWorker>();
    const toPage = createPipe<ToPage>();
    openSandbox({ post: toPage.post, listen: toWorker.listen }, async (script, shopify) => {
      const bundle = await track(fetch(script).then((response) => response.text()));
      vm.runInNewContext(bundle, {
        shopify,
        fetch: pixelFetch,
        console,
        setTimeout: (work: () => void, ms: number) => setTimeout(work, ms).unref(),
        clearTimeout,
        structuredClone,
        URL,
        TextEncoder,
      });
    });
    return { post: toWorker.post, listen: toPage.listen };
  }

  async function load(url: string, init: RequestInit = {}, redirects = 0): Promise<void> {
    const referrer = page?.url ?? "https://www.pinterest.com/";
    const headers = { cookie: formatCookies(cookies), "user-agent": userAgent, referer: referrer };
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const text of response.headers.getSetCookie()) storeCookie(cookies, text);
    const location = response.headers.get("location");
    if (location !== null && redirects < REDIRECTS) {
      return load(new URL(location, url).href, {}, redirects + 1);
    }
    if (!response.ok) throw new Error(`${url} was answered ${response.status}`);
    if (response.headers.get("content-type")?.includes("json")) {
      return follow(url, (await response.json()) as { events: PageFacts["events"]; next?: string });
    }
    page = openPage(url, referrer, await response.text());
    for (const { name, data, once } of page.facts.events) page.manager.publish(name, data, once);
    if (page.html.includes(THEME_SCRIPT) && !isReported && page.privacy.marketingAllowed()) {
      isReported = true;
      page.manager.publishCustomEvent("pinrelay:page_report", NO_OTHER_TAG);
    }
    await untilQuiet();
  }

  async function follow(url: string, answer: { events: PageFacts["events"]; next?: string }) {
    for (const { name, data } of answer.events) page?.manager.publish(name, data);
    await untilQuiet();
    if (answer.next !== undefined) await load(new URL(answer.next, url).href);
  }

  function openPage(url: string, referrer: string, html: string): Page {
    const [, json = "null"] = /id="page-facts">(.*?)<\/script>/s.exec(html) ?? [];
    const facts = JSON.parse(json) as PageFacts;
    const [, title = ""] = /<title>(.*?)<\/title>/.exec(html) ?? [];
    const clientId = cookies.get("_shopify_y") ?? randomUUID();
    cookies.set("_shopify_y", clientId);
    let manager: Page["manager"] | undefined;
    const privacy = createCustomerPrivacy({
      region: facts.region,
      readCookie: (name) => readCookie(formatCookies(cookies), name),
      writeCookie: (text) => storeCookie(cookies, text),
      tell: () => manager?.consentChanged(),
    });
    const tab = { href: url, referrer, title, userAgent, languages: ["en-US"], ...NAVIGATION };
    const frame = {
      clientId,
      init: facts.init,
      context: () => createContext(tab, facts),
      consent: () => toPixelPrivacy(privacy),
      callStore: callStore.bind(null, stores),
      once(key: string) {
        const isFirst = stores.localStorage.getItem(`once:${key}`) === null;
        stores.localStorage.setItem(`once:${key}`, "1");
        return isFirst;
      },
      nowMs: Date.now,
      uuid: randomUUID,
      complain(message: string): never {
        throw new Error(`The web pixel threw: ${message}`);
      },
    };
    manager = createWebPixelsManager(frame, facts.pixel, spawn);
    return { url, html, facts, manager, privacy };
  }

  return {
    visit: (url) => load(url),
    async submit(action, fields = {}) {
      if (page === undefined) throw new Error("no page is open");
      const { target, values, publishes } = readForm(page.html, action);
      for (const { name, data } of publishes) page.manager.publish(name, data);
      const body = new URLSearchParams({ ...values, ...fields });
      await load(new URL(target, page.url).href, { method: "POST", body });
    },
    leave() {
      page = undefined;
      for (const name of OF_A_VISIT) cookies.delete(name);
    },
    consent(isGiven) {
      const { privacy } = page ?? {};
      privacy?.setTrackingConsent({
        analytics: isGiven,
        marketing: isGiven,
        preferences: isGiven,
        sale_of_data: isGiven,
      });
    },
  };
}

/** A channel's one direction: what is posted arrives a turn later, as between two threads. */
function createPipe<T>() {
  let receive: ((message: T) => void) | undefined;
  return {
    post(message: T) {
      const copy = structuredClone(message);
      setImmediate(() => receive?.(copy));
    },
    listen(listener: (message: T) => void) {
      receive = listener;
    },
  };
}

function createStorage(): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    clear: () => items.clear(),
  };
}

function formatCookies(cookies: Map<string, string>): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}

function storeCookie(cookies: Map<string, string>, text: string): void {
  const [pair = ""] = text.split(";");
  const at = pair.indexOf("=");
  cookies.set(pair.slice(0, at), pair.slice(at + 1));
}

/** A form of a page, with what stands in its fields. */
function readForm(html: string, action: string) {
  const forms = [...html.matchAll(/<form([^>]*)>(.*?)<\/form>/gs)];
  const form = forms.find(([, attributes = ""]) => attributes.includes(`${action}"`));
  if (form === undefined) throw new Error(`the page has no form ${action}`);
  const [, attributes = "", fields = ""] = form;
  const attribute = (text: string, name: string) =>
    decodeEntities(new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1] ?? "");
  const inputs = [...fields.matchAll(/<input([^>]*)>/g)].map(
    ([, text = ""]) => [attribute(text, "name"), attribute(text, "value")] as const,
  );
  const selects = [...fields.matchAll(/<select([^>]*)>\s*<option([^>]*)>/g)].map(
    ([, text = "", option = ""]) => [attribute(text, "name"), attribute(option, "value")] as const,
  );
  return {
    target: attribute(attributes, "action"),
    values: Object.fromEntries([...inputs, ...selects]) as Record<string, string>,
    publishes: JSON.parse(attribute(attributes, "data-publishes") || "[]") as PageFacts["events"],
  };
}

const CHARACTERS: Record<string, string> = { quot: '"', amp: "&", lt: "<", gt: ">", "#39": "'" };

function decodeEntities(text: string): string {
  return text.replace(/&(quot|amp|lt|gt|#39);/g, (_, name: string) => CHARACTERS[name] ?? "");
}
