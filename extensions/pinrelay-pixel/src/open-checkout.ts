import type { ExtensionApi } from "@shopify/web-pixels-extension";
import { askBrowser } from "./ask-browser.ts";
import type { CutEvent } from "./cut-event.ts";

/** The checkout that this browser has open: consent may be withdrawn on another page of the shop. */
const STORED = "_pinrelay_checkout";

export interface OpenCheckout {
  /** Remembers the checkout of an event that is sent. */
  follow(event: CutEvent): void;
  /** Forgets the checkout, and finds its token where there was one. */
  close(): Promise<string | null | false | undefined>;
}

export function createOpenCheckout({ localStorage }: ExtensionApi["browser"]): OpenCheckout {
  let current: string | undefined;
  const forget = () => askBrowser(() => localStorage.removeItem(STORED));
  return {
    follow({ name, data }) {
      const token = (data as { checkout?: { token?: unknown } } | undefined)?.checkout?.token;
      if (typeof token !== "string") return;
      current = token;
      // The order of a completed checkout may still wait: its page goes on knowing the token.
      if (name === "checkout_completed") void forget();
      else void askBrowser(() => localStorage.setItem(STORED, token));
    },
    close() {
      const token = current;
      current = undefined;
      const stored = askBrowser(() => localStorage.getItem(STORED));
      void forget();
      return stored.then((text) => token || text);
    },
  };
}
