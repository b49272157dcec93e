import type { ExtensionApi } from "@shopify/web-pixels-extension";
import { askBrowser } from "./ask-browser.ts";
import type { CutEvent } from "./cut-event.ts";

/** There as long as the shopper allows marketing; its value is the token of the open checkout. */
const STORED = "_pinrelay_checkout";

/** What the pages of one browser share: Shopify tells of a choice only the page it was made on. */
export interface ConsentMark {
  /** Marks that this page was told yes. */
  set(): void;
  /** False: another page has been told no since. A browser that stores nothing cannot tell. */
  isThere(): Promise<boolean>;
  /** Remembers the checkout of an event that is sent. */
  follow(event: CutEvent): void;
  /** Removes the mark, and finds the token of the checkout that was open. */
  remove(): Promise<string | null | false | undefined>;
}

export function createConsentMark(
  { localStorage }: ExtensionApi["browser"],
  mayStore: () => boolean,
): ConsentMark {
  let current: string | undefined;
  let marked: Promise<unknown> = Promise.resolve();
  const read = () => askBrowser(() => localStorage.getItem(STORED));
  const write = (token: string) =>
    askBrowser(() => mayStore() && localStorage.setItem(STORED, token));
  return {
    set() {
      marked = read().then((text) => text === null && write(current || ""));
    },
    isThere() {
      const known = marked;
      // Where consent was given anew meanwhile, the mark of that is on its way.
      return known.then(read).then((text) => text !== null || marked !== known);
    },
    follow({ name, data }) {
      const token = (data as { checkout?: { token?: unknown } } | undefined)?.checkout?.token;
      if (typeof token !== "string") return;
      current = token;
      // The order of a completed checkout may still wait: its page goes on knowing the token.
      void write(name === "checkout_completed" ? "" : token);
    },
    remove() {
      const token = current;
      current = undefined;
      const stored = read();
      void askBrowser(() => localStorage.removeItem(STORED));
      return stored.then((text) => token || text);
    },
  };
}
