import { hash } from "node:crypto";
import { cleanTyped } from "#app/events/clean-text.ts";
import { BROWSER_SIGN_UP, type CustomerTrace, type MappedEvent } from "#app/events/mapped-event.ts";
import type { Buyer, StoreEvent } from "#app/events/store-event.ts";
import type { ShopPolicy } from "#app/mapping/shop-policy.server.ts";
import { fingerprint } from "./hash-values.server.ts";
import { normaliseEmail } from "./normalise-value.server.ts";

/**
 * Returns what a webhook contributes to telling sign-ups from guests; null where the shop does not
 * ask for it, or the sign-up is not waiting. An order belongs to a guest even if it feeds no event
 * itself.
 */
export function traceCustomer(
  event: StoreEvent,
  mapped: MappedEvent | null,
  policy: ShopPolicy,
): CustomerTrace | null {
  const { shopDomain } = policy;
  switch (event.kind) {
    case "order_created":
    case "order_paid":
    case "order_cancelled":
      return traceBuyer(event.order, policy, event.order.occurredAtSeconds);
    case "checkout_started":
      return traceBuyer(event.checkout, policy, event.checkout.occurredAtSeconds);
    case "customer_created": {
      const { id, createdAtSeconds, shopper } = event.customer;
      if (mapped?.outcome.kind !== "send") return null;
      const mayBeGuest = mapped.outcome.heldUntilSeconds !== undefined;
      const keys = [
        mayBeGuest ? idKey(shopDomain, id) : null,
        mayBeGuest ? emailKey(shopDomain, shopper) : null,
        formKey(shopDomain, shopper),
      ];
      return {
        keys: keys.filter((key) => key !== null),
        happenedAtSeconds: createdAtSeconds,
        signup: id,
      };
    }
  }
}

/**
 * Traces the person of a sign-up that the browser told, by a form for a newsletter or an account:
 * the store may tell the same person as a new customer, and one person is one sign-up. Null for
 * other events.
 */
export function traceBrowserSignUp(
  mapped: MappedEvent | null,
  { shopDomain }: ShopPolicy,
  { emails }: Emails,
): CustomerTrace | null {
  if (mapped?.kind !== "signup" || mapped.outcome.kind !== "send") return null;
  const key = formKey(shopDomain, { emails });
  const happenedAtSeconds = mapped.eventTimeSeconds;
  return key === null ? null : { keys: [key], happenedAtSeconds, signup: BROWSER_SIGN_UP };
}

/**
 * Traces the buyer of a purchase or a checkout, even of an unreadable one; `nowSeconds` replaces an
 * unknown time.
 */
export function traceBuyer(
  { shopper, occurredAtSeconds }: Buyer,
  policy: ShopPolicy,
  nowSeconds: number,
): CustomerTrace | null {
  if (!tellsGuests(policy)) return null;
  const { shopDomain } = policy;
  const { customerId } = shopper;
  const key = customerId === null ? emailKey(shopDomain, shopper) : idKey(shopDomain, customerId);
  const happenedAtSeconds = occurredAtSeconds ?? nowSeconds;
  return key === null ? null : { keys: [key], happenedAtSeconds, signup: "" };
}

function tellsGuests({ settings }: ShopPolicy): boolean {
  return settings.signup_from === "no_checkout" && settings["events.signup"] === "on";
}

/** The digests by which a customer is known whose id or address a request names. */
export function listTraceKeys(
  shopDomain: string,
  { customerId, email }: { customerId: string | null; email: string | null },
): string[] {
  const person = { emails: email === null ? [] : [{ value: email }] };
  const keys = [
    customerId === null ? null : idKey(shopDomain, customerId),
    emailKey(shopDomain, person),
    formKey(shopDomain, person),
  ];
  return keys.filter((key) => key !== null);
}

/** The address as it is compared everywhere; null where it is none. */
export function readEmail(email: string | null): string | null {
  return email === null ? null : findEmail({ emails: [{ value: email }] });
}

export interface Emails {
  emails: readonly { value: string }[];
}

function idKey(shopDomain: string, customerId: string): string {
  return fingerprint(`${shopDomain}\ncustomer\n${customerId}`);
}

function emailKey(shopDomain: string, person: Emails): string | null {
  const email = findEmail(person);
  return email === null ? null : fingerprint(`${shopDomain}\nemail\n${email}`);
}

/** Apart from the other, so that an order does not make a guest of a person with an account. */
export function formKey(shopDomain: string, person: Emails): string | null {
  const email = findEmail(person);
  return email === null ? null : formKeyOf(shopDomain, hash("sha256", email, "hex"));
}

export function formKeyOf(shopDomain: string, emailDigest: string): string {
  return fingerprint(`${shopDomain}\nform\n${emailDigest}`);
}

/** The first valid address. */
function findEmail({ emails }: Emails): string | null {
  for (const { value } of emails) {
    const typed = cleanTyped(value);
    const email = typed && normaliseEmail(typed);
    if (email !== null) return email;
  }
  return null;
}
