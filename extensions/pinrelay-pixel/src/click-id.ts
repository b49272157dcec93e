import type { ExtensionApi } from "@shopify/web-pixels-extension";
import { askBrowser } from "./ask-browser.ts";

type Browser = ExtensionApi["browser"];

/** Pinterest's parameter of a landing page; tools for e-mail change its case and escape the `&`. */
const PARAMETER = /[?&;]_?epik=([^&#]*)/i;
/** What a script writes for none, or a tool left unfilled, must not replace a click id. */
const CLICK_ID = /^(?!(undefined|null)$|[{%])[!-~]{1,1000}$/i;

/** Pinterest's own cookie. */
const COOKIE = "_epik";
/** Ours, with the day on which the shopper came: the theme's script reads and writes the same. */
const STORED = "_pinrelay_epik";
const KEPT_MS = 365 * 24 * 3_600_000;

interface StoredClickId {
  value: string;
  at: number;
}

export interface ClickIds {
  /** Finds the click id for an event on a page, and stores it where that is allowed. */
  find(href: unknown): Promise<string | undefined>;
  /** Forgets what is stored of it. */
  forget(): void;
}

/** Finds Pinterest's click id: in the page's address, in Pinterest's cookie, in what was stored. */
export function createClickIds(browser: Browser, mayStore: () => boolean): ClickIds {
  let landed: string | undefined;
  let found: Promise<string | undefined> | undefined;
  return {
    find(href) {
      const inAddress = readAddress(href);
      if (inAddress !== undefined && inAddress !== landed) {
        landed = inAddress;
        found = undefined;
      }
      found = found || search(browser, landed, mayStore);
      return found;
    },
    forget() {
      found = undefined;
      void askBrowser(() => browser.localStorage.removeItem(STORED));
    },
  };
}

function readAddress(href: unknown): string | undefined {
  const [, given] = (typeof href === "string" && PARAMETER.exec(href)) || [];
  if (given === undefined) return undefined;
  try {
    return valid(decodeURIComponent(given));
  } catch {
    return valid(given);
  }
}

function valid(text: unknown): string | undefined {
  return typeof text === "string" && CLICK_ID.test(text) ? text : undefined;
}

/**
 * A click id that is found again, in a bookmark or in a cookie, keeps the date of its first day,
 * unless a wrong clock wrote one that is still to come.
 */
function search(
  browser: Browser,
  landed: string | undefined,
  mayStore: () => boolean,
): Promise<string | undefined> {
  const cookie = landed || askBrowser(() => browser.cookie.get(COOKIE)).then(valid);
  const stored = askBrowser(() => browser.localStorage.getItem(STORED)).then(readStored);
  return Promise.all([cookie, stored]).then(([seen, ours]) => {
    const now = Date.now();
    const isKnown = seen === undefined || seen === ours?.value;
    if (isKnown && !(ours && ours.at > now - KEPT_MS)) return undefined;
    const value = isKnown ? ours?.value : seen;
    if (!isKnown || (ours && ours.at > now)) {
      const kept = { value, at: now };
      void askBrowser(
        () => mayStore() && browser.localStorage.setItem(STORED, JSON.stringify(kept)),
      );
    }
    return value;
  });
}

function readStored(text: unknown): StoredClickId | undefined {
  try {
    const { value, at } = JSON.parse(String(text)) as StoredClickId;
    return valid(value) ? { value, at } : undefined;
  } catch {
    return undefined;
  }
}
