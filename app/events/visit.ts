/**
 * What the shopper's browser told of one checkout: evidence that no webhook carries. It holds
 * personal data in plain text, so it lives in memory only; the database keeps it encrypted.
 */
export interface Visit {
  /** The browser's id of its `checkout_started`, and of its `checkout_completed`; null: not told yet. */
  startedEventId: string | null;
  completedEventId: string | null;
  /** The newest word; null where the browser said nothing about it. */
  consent: BrowserConsent;
  /** All null where marketing is refused. */
  evidence: VisitEvidence;
}

/** What Shopify's Customer Privacy API told the pixel; null: it told nothing. */
export interface BrowserConsent {
  marketingAllowed: boolean | null;
  /** False: the shopper opted out of the sale of their data. */
  saleOfDataAllowed: boolean | null;
}

export interface VisitEvidence {
  /** Shopify's id of the browser. */
  clientId: string | null;
  clickId: string | null;
  ip: string | null;
  userAgent: string | null;
  /** As the browser says it: `en-GB`. */
  language: string | null;
  /** Where Shopify sees the shopper, as it says it: `DE`, or with the state `USCA`. */
  location: string | null;
  /** The whole address of the page, with what a shopper's checkout holds in it. */
  page: string | null;
}

/** The evidence of a browser that refuses marketing: none. */
export const NO_EVIDENCE: VisitEvidence = {
  clientId: null,
  clickId: null,
  ip: null,
  userAgent: null,
  language: null,
  location: null,
  page: null,
};

/** What a visit is found by, the best first; a sign-up has one key alone. */
export type VisitKeyKind = "checkout" | "order" | "cart" | "signup";

/** The key of a visit; `value` is a token, the digits of an order's id, or a digest of an email. */
export function visitKey(kind: VisitKeyKind, value: string): string {
  return `${kind}:${value}`;
}
