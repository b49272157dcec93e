import { cleanTyped } from "#app/events/clean-text.ts";
import type { CustomerTrace, MappedEvent } from "#app/events/mapped-event.ts";
import type { Buyer, StoreEvent } from "#app/events/store-event.ts";
import { fingerprint } from "#app/mapping/fingerprint.server.ts";
import type { ShopPolicy } from "#app/mapping/shop-policy.server.ts";
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
      const outcome = mapped?.outcome;
      if (!tellsGuests(policy)) return null;
      if (outcome?.kind !== "send" || outcome.heldUntilSeconds === undefined) return null;
      const keys = [idKey(shopDomain, id), emailKey(shopDomain, shopper)];
      return {
        keys: keys.filter((key) => key !== null),
        happenedAtSeconds: createdAtSeconds,
        signup: id,
      };
    }
  }
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
  const keys = [
    customerId === null ? null : idKey(shopDomain, customerId),
    emailKey(shopDomain, { emails: email === null ? [] : [{ value: email }] }),
  ];
  return keys.filter((key) => key !== null);
}

function idKey(shopDomain: string, customerId: string): string {
  return fingerprint(`${shopDomain}\ncustomer\n${customerId}`);
}

/** The digest of the first valid address. */
function emailKey(
  shopDomain: string,
  { emails }: { emails: readonly { value: string }[] },
): string | null {
  for (const { value } of emails) {
    const typed = cleanTyped(value);
    const email = typed && normaliseEmail(typed);
    if (email !== null) return fingerprint(`${shopDomain}\nemail\n${email}`);
  }
  return null;
}
