import type { ExtensionApi } from "@shopify/web-pixels-extension";
import { askBrowser } from "./ask-browser.ts";
import { createClickIds } from "./click-id.ts";
import { createConsentMark } from "./consent-mark.ts";
import {
  type CustomerEvent,
  type CutEvent,
  cartOf,
  cutCustomEvent,
  cutStandardEvent,
  type Page,
  pick,
  STANDARD_EVENTS,
} from "./cut-event.ts";
import { fitBody } from "./fit-body.ts";
import { createPageViews } from "./page-views.ts";
import { post } from "./post.ts";

/** What happened before consent waits in memory only; a page that nobody leaves has no end of it. */
const MAX_WAITING = 50;

const CHOICES = {
  marketingAllowed: 1,
  analyticsProcessingAllowed: 1,
  preferencesProcessingAllowed: 1,
  saleOfDataAllowed: 1,
};

/** The shopper's choices, in Shopify's words. */
type Consent = { [choice in keyof typeof CHOICES]?: unknown };

/** Runs on one page of the shop: what it keeps in memory ends with the page. */
export function startPixel({
  analytics,
  browser,
  customerPrivacy,
  init,
  settings,
}: ExtensionApi): void {
  const { endpoint, shop, key } = settings;
  let consent = readConsent(init.customerPrivacy);
  let isRefused = false;
  let waiting: CutEvent[] = [];

  const isAllowed = () => consent.marketingAllowed === true;
  const clickIds = createClickIds(browser, isAllowed);
  const mark = createConsentMark(browser, isAllowed);

  const findRegion = createRegion(browser);

  const send = (event: CutEvent) => {
    const write = (click_id: string | undefined, seenIn: unknown) =>
      isAllowed()
        ? fitBody({ shop, pixel_key: key, consent, click_id, region: seenIn, event })
        : null;
    void mark.isThere().then((isThere) => {
      if (!isThere) return refuse();
      mark.follow(event);
      return Promise.all([clickIds.find(hrefOf(event)), findRegion()]).then(([found, seenIn]) =>
        post(endpoint, () => write(found, seenIn)),
      );
    });
  };

  const pageViews = createPageViews((event) => {
    if (isAllowed()) send(event);
    else waiting = waiting.concat(event).slice(-MAX_WAITING);
  });

  const refuse = () => {
    isRefused = true;
    consent = Object.assign({}, consent, { marketingAllowed: false });
    pageViews.drop();
    clickIds.forget();
  };

  const takeCut = (cutEvent: (event: CustomerEvent, page: Page) => CutEvent | null) =>
    quietly((event: CustomerEvent) => {
      // A shopper who said no may change their mind; what they did meanwhile is never told.
      if (isRefused) return;
      const cut = cutEvent(event, init);
      if (cut !== null) pageViews.take(cut, hrefOf(cut));
    });

  const tellWithdrawal = () => {
    const timestamp = new Date().toISOString();
    const told = consent;
    // An order may be joined by its cart alone: no checkout is told of after a refusal.
    const cart = cartOf(init);
    void mark.remove().then((token) => {
      if (!token && !cart) return;
      const data = { checkout: token ? { token } : undefined, cart };
      const id = `${token || cart?.id}-${timestamp}`;
      const event = { id, name: "consent_changed", timestamp, data };
      const body = JSON.stringify({ shop, pixel_key: key, consent: told, event });
      post(endpoint, () => (isAllowed() ? null : body));
    });
  };

  const changeConsent = ({ customerPrivacy: choices }: { customerPrivacy: unknown }) => {
    const wasAllowed = isAllowed();
    const past = waiting;
    consent = readConsent(choices);
    waiting = [];
    if (isAllowed()) {
      isRefused = false;
      mark.set();
      return past.forEach(send);
    }
    refuse();
    if (wasAllowed) tellWithdrawal();
  };

  if (isAllowed()) mark.set();
  for (const name of STANDARD_EVENTS) analytics.subscribe(name, takeCut(cutStandardEvent));
  analytics.subscribe("all_custom_events", takeCut(cutCustomEvent));
  customerPrivacy.subscribe("visitorConsentCollected", quietly(changeConsent));
}

/** Where Shopify sees the shopper, `USCA`: pixels are not told it, and the theme's script is. */
const REGION = "_pinrelay_region";
const LONGEST_REGION = 6;

/** Finds it for each event: on a first page the theme's script may not have noted it yet. */
function createRegion({ localStorage }: ExtensionApi["browser"]): () => Promise<unknown> {
  let known: unknown;
  return () =>
    known
      ? Promise.resolve(known)
      : askBrowser(() => localStorage.getItem(REGION)).then((found) => {
          known = pick(found, LONGEST_REGION);
          return known;
        });
}

function readConsent(choices: unknown): Consent {
  return (pick(choices, CHOICES) || {}) as Consent;
}

function hrefOf({ context }: CutEvent): unknown {
  const page = context as { document?: { location?: { href?: unknown } } } | undefined;
  return page?.document?.location?.href;
}

/** A fault of ours is never the page's: it stays in the sandbox, and costs one event. */
export function quietly<Given>(work: (given: Given) => void): (given: Given) => void {
  return (given) => {
    try {
      work(given);
    } catch {
      // Nobody could read a message in the browser of a shopper.
    }
  };
}
