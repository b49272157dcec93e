import { findPastOrder, type PastOrder } from "#app/admin/shell/find-past-order.server.ts";
import { say } from "#app/admin/shell/format/say.ts";
import type { SendMerchant, SendServices } from "#app/admin/shell/send-merchant.server.ts";
import { reasonWords, sourceWords } from "#app/admin/shell/words.ts";
import type { ConversionEvent } from "#app/events/conversion-event.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { rebuildEvent } from "#app/outbox/by-hand/rebuild-event.server.ts";
import { digest } from "#app/platform/digest.server.ts";
import { readShopsForIntake } from "#app/shops/shops-for-intake.server.ts";
import { UnknownShopError } from "#app/shops/unknown-shop-error.server.ts";
import { compareBodies } from "./compare-bodies.server.ts";
import { eventDetailTexts } from "./texts.ts";
import type { RebuildView } from "./view.ts";

const { dialog } = eventDetailTexts;

/**
 * What the event of an order would be, made of the order as Shopify has it now and of today's
 * settings, beside what it is. Nothing is changed.
 */
export async function compareRebuilt(
  services: SendServices,
  merchant: SendMerchant,
  orderId: string,
): Promise<RebuildView> {
  const found = await findPastOrder(services, merchant, { orderId });
  return found.ok ? describe(found.past) : faulty(found.fault);
}

/**
 * Sends the event rebuilt, if it still is the one whose `fingerprint` a person has looked at; else
 * gives the difference to look at again. Null: it is queued.
 */
export async function sendRebuilt(
  services: SendServices,
  merchant: SendMerchant,
  { orderId, fingerprint }: { orderId: string; fingerprint: string },
): Promise<RebuildView | null> {
  const found = await findPastOrder(services, merchant, { orderId });
  if (!found.ok) return faulty(found.fault);
  const view = describe(found.past);
  if (view.fault !== null) return view;
  if (view.fingerprint !== fingerprint) return { ...view, fault: dialog.changed };
  const { domain } = merchant.shop;
  const shop = (await readShopsForIntake(services.db.pool, [domain])).get(domain);
  if (shop === undefined) throw new UnknownShopError(domain);
  const { actor } = merchant;
  const isQueued = await rebuildEvent(services, { shop, actor }, found.past.mapped);
  return isQueued ? null : { ...view, fault: dialog.lost };
}

function describe({ order, mapped, sent }: PastOrder): RebuildView {
  const { outcome } = mapped;
  if (outcome.kind === "skip") {
    const source = lookUp(sourceWords, order.sourceName) ?? order.sourceName;
    const reason = say(reasonWords[outcome.reason], { source, kind: mapped.kind });
    return faulty(say(dialog.held, { reason }));
  }
  return {
    fault: null,
    rows: compareBodies(sent, outcome.event),
    notes: noteBrowser(outcome.event, mapped),
    fingerprint: fingerprintOf(outcome.event),
  };
}

function noteBrowser({ user_data: person }: ConversionEvent, { actionSource }: MappedEvent) {
  if (person.client_user_agent !== undefined) return [dialog.keptBrowser];
  return actionSource === "offline" ? [] : [dialog.noBrowser];
}

function faulty(fault: string): RebuildView {
  return { fault, rows: [], notes: [], fingerprint: "" };
}

function fingerprintOf(event: ConversionEvent): string {
  return digest(JSON.stringify(event));
}
