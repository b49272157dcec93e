import type { InitData } from "./pixel-events.ts";
import type { DeclaredPixel } from "./web-pixels-manager.ts";

/** A page's facts for the scripts in it, as the server writes them into the page. */
export interface PageFacts {
  /** Where the shop's addresses begin: `/storefront/demo/`. */
  root: string;
  /** The origin that shoppers of a real shop see: `https://demo.example`. */
  publicOrigin: string;
  /** The shopper's: `DE`, `US-CA`. */
  region: string;
  init: InitData;
  /** What the page publishes when it has loaded, in order. */
  events: PageEvent[];
  pixel: DeclaredPixel | null;
  /** Pinterest's own pixel, where the shop has that too. */
  pinterestPixel: PinterestPixel | null;
}

export interface PageEvent {
  name: string;
  data: Record<string, unknown>;
  /** Published once for each such key: `checkout_completed` of a token. */
  once?: string;
}

/** Where Pinterest's own pixel sends to, and for whom. */
export interface PinterestPixel {
  url: string;
  adAccountId: string;
}
