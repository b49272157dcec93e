import { BROWSER_REFUSAL, type CustomerTrace } from "#app/events/mapped-event.ts";
import { NO_EVIDENCE, type Visit, type VisitEvidence, visitKey } from "#app/events/visit.ts";
import { joinHeldEvent } from "#app/mapping/join-visit.server.ts";
import type { ShopPolicy } from "#app/mapping/shop-policy.server.ts";
import { fingerprint } from "./hash-values.server.ts";
import { type Emails, formKey, formKeyOf } from "./trace-customer.server.ts";

/** Returns the key of the visit in which this customer sent the form by which they signed up. */
export function signUpVisitKey({ shopDomain }: ShopPolicy, person: Emails): string | null {
  const key = formKey(shopDomain, person);
  return key === null ? null : visitKey("signup", key);
}

/** Returns the same key for a form of which the browser told the digest of the email. */
export function formVisitKey(shopDomain: string, emailDigest: string): string {
  return visitKey("signup", formKeyOf(shopDomain, emailDigest));
}

/** Names the browser that told of a form, so that two can be told apart. */
export function nameBrowser({ ip, userAgent }: VisitEvidence): string {
  return fingerprint(`browser\n${ip}\n${userAgent}`);
}

/**
 * Returns what a new customer's event may take of the form that somebody told of. Shopify tells
 * nothing of a customer's browser, so who knows the email can tell of a form too: nobody's word
 * allows marketing, and where two browsers told of it neither is believed.
 */
export function trustForm(visit: Visit): Visit {
  const { startedEventId: firstBrowser, consent, evidence } = visit;
  const isRefused = consent.marketingAllowed === false;
  return {
    startedEventId: null,
    completedEventId: null,
    consent: { ...consent, marketingAllowed: isRefused ? false : null },
    evidence: firstBrowser === nameBrowser(evidence) ? evidence : NO_EVIDENCE,
  };
}

/** Gives the event of a new customer who waits what it may take of a form that was told after it. */
export const joinLateForm: typeof joinHeldEvent = (held, visit) =>
  joinHeldEvent(held, trustForm(visit));

/** Traces a shopper who sent a form and refuses marketing, so that it does not matter which side comes first. */
export function traceRefusedForm(
  shopDomain: string,
  emailDigest: string,
  happenedAtSeconds: number,
): CustomerTrace {
  const keys = [formKeyOf(shopDomain, emailDigest)];
  return { keys, happenedAtSeconds, signup: BROWSER_REFUSAL };
}
