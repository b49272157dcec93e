/** Shopify's customer events, as its event bus hands them to every pixel of a page. */

export interface CustomerPrivacy {
  analyticsProcessingAllowed: boolean;
  marketingAllowed: boolean;
  preferencesProcessingAllowed: boolean;
  saleOfDataAllowed: boolean;
}

export interface PageLocation {
  hash: string;
  host: string;
  hostname: string;
  href: string;
  origin: string;
  pathname: string;
  port: string;
  protocol: string;
  search: string;
}

/** The page that an event happened on. */
export interface PageContext {
  document: { characterSet: string; location: PageLocation; referrer: string; title: string };
  navigator: { cookieEnabled: boolean; language: string; languages: string[]; userAgent: string };
  window: Record<string, unknown> & { location: PageLocation; origin: string };
}

interface BusEvent {
  /** `sh-` and a UUID: the same for every pixel. */
  id: string;
  clientId: string;
  name: string;
  seq: number;
  timestamp: string;
  context: PageContext;
}

export interface StandardEvent extends BusEvent {
  type: "standard";
  data: Record<string, unknown>;
}

export interface CustomEvent extends BusEvent {
  type: "custom";
  customData: unknown;
}

export type PixelEvent = StandardEvent | CustomEvent;

/** True: a subscription to `name` gets this event. */
export function isSubscribedBy(name: string, { name: of, type }: PixelEvent): boolean {
  return (
    name === of ||
    name === "all_events" ||
    (name === "all_standard_events" && type === "standard") ||
    (name === "all_custom_events" && type === "custom")
  );
}

/** Facts of the shop and the shopper at the time when the page was made. */
export interface InitData {
  cart: Record<string, unknown> | null;
  customer: Record<string, unknown> | null;
  shop: Record<string, unknown>;
  purchasingCompany: null;
}

/** The parts of the page that a pixel reaches from its worker; all answer later. */
export type Store = "cookie" | "localStorage" | "sessionStorage";

/** From the page to the pixel's worker. */
export type ToWorker =
  | {
      kind: "start";
      /** Address of the built bundle. */
      script: string;
      settings: Record<string, unknown>;
      init: { context: PageContext; data: InitData; customerPrivacy: CustomerPrivacy };
      /** What happened on this page before the pixel was allowed to load. */
      events: PixelEvent[];
    }
  | { kind: "event"; event: PixelEvent }
  | { kind: "consent"; customerPrivacy: CustomerPrivacy }
  | { kind: "answer"; id: number; value: unknown };

/** From the pixel's worker to the page. */
export type ToPage =
  | { kind: "call"; id: number; store: Store; method: string; args: unknown[] }
  | { kind: "failed"; message: string }
  | { kind: "registered" };

/** One end of the channel between a page and a pixel's worker. */
export interface Channel<Out, In> {
  post(message: Out): void;
  listen(receive: (message: In) => void): void;
}
