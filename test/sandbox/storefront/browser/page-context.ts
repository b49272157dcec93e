import type { PageFacts } from "./page-facts.ts";
import type { PageContext, PageLocation } from "./pixel-events.ts";

/** The address that the page would have in a real shop: pixels see the shop's own domain. */
function publicLocation(href: string, { root, publicOrigin }: PageFacts): PageLocation {
  const { pathname, search, hash } = new URL(href);
  const path = pathname.startsWith(root) ? `/${pathname.slice(root.length)}` : pathname;
  const url = new URL(`${path}${search}${hash}`, publicOrigin);
  const { host, hostname, origin, port, protocol } = url;
  const parts = { hash, host, hostname, origin, port, protocol, search };
  return { ...parts, href: url.href, pathname: url.pathname };
}

/** A browser's page, as its events carry it. */
export interface Tab {
  href: string;
  referrer: string;
  title: string;
  userAgent: string;
  languages: readonly string[];
  width: number;
  height: number;
}

export function createContext(tab: Tab, facts: PageFacts): PageContext {
  const location = publicLocation(tab.href, facts);
  const isOwn = tab.referrer.startsWith(new URL(facts.root, tab.href).href);
  const referrer = isOwn ? publicLocation(tab.referrer, facts).href : tab.referrer;
  const { width, height } = tab;
  return {
    document: { characterSet: "UTF-8", location, referrer, title: tab.title },
    navigator: {
      cookieEnabled: true,
      language: tab.languages[0] ?? "en",
      languages: [...tab.languages],
      userAgent: tab.userAgent,
    },
    window: {
      innerHeight: height,
      innerWidth: width,
      location,
      origin: location.origin,
      outerHeight: height,
      outerWidth: width,
      pageXOffset: 0,
      pageYOffset: 0,
      screen: { height, width },
      screenX: 0,
      screenY: 0,
      scrollX: 0,
      scrollY: 0,
    },
  };
}
