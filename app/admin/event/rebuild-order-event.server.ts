import { findPastOrder, type PastOrder } from "#app/admin/shell/find-past-order.server.ts";
import type { Merchant } from "#app/admin/shell/merchant.server.ts";
import { keyLabels, sourceWords } from "#app/admin/shell/words.ts";
import type { ConversionEvent } from "#app/events/conversion-event.ts";
import { UNSENT_WORDS } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { MappedEvent } from "#app/events/mapped-event.ts";
import { MATCH_KEYS } from "#app/events/match-keys.ts";
import { rebuildEvent } from "#app/outbox/by-hand.server.ts";
import { digest } from "#app/platform/digest.server.ts";
import { UnknownShopError } from "#app/shops/find-shop.server.ts";
import { loadMappingShop } from "#app/shops/load-mapping-shops.server.ts";
import type { ShopTaskServices } from "#app/tasks/shop/run-shop-task.server.ts";
import { HIDDEN, listBodyFields, SECRET_KEYS } from "./describe-sent.server.ts";
import { eventDetailTexts, fieldLabels } from "./texts.ts";

/** A rebuilt event compared with the stored one. */
export interface RebuildView {
  /** Null: it can be sent. */
  fault: string | null;
  rows: { key: string; label: string; before: string; after: string }[];
  notes: string[];
  /** The fingerprint of the payload that is shown: what is sent must be this one. */
  fingerprint: string;
}

const { dialog } = eventDetailTexts;

/**
 * What the event of an order would be, made of the order as Shopify has it now and of today's
 * settings, beside what it is. Nothing is changed.
 */
export async function compareRebuilt(
  services: ShopTaskServices,
  merchant: Pick<Merchant, "shop" | "actor" | "admin">,
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
  services: ShopTaskServices,
  merchant: Pick<Merchant, "shop" | "actor" | "admin">,
  { orderId, fingerprint }: { orderId: string; fingerprint: string },
): Promise<RebuildView | null> {
  const found = await findPastOrder(services, merchant, { orderId });
  if (!found.ok) return faulty(found.fault);
  const view = describe(found.past);
  if (view.fault !== null) return view;
  if (view.fingerprint !== fingerprint) return { ...view, fault: dialog.changed };
  const { domain } = merchant.shop;
  const shop = await loadMappingShop(services.db.pool, domain);
  if (shop === undefined) throw new UnknownShopError(domain);
  const { actor } = merchant;
  const isQueued = await rebuildEvent(services, { shop, actor }, found.past.mapped);
  return isQueued ? null : { ...view, fault: dialog.lost };
}

function describe({ order, mapped, sent }: PastOrder): RebuildView {
  const { outcome } = mapped;
  if (outcome.kind === "skip") {
    const source = lookUp(sourceWords, order.sourceName) ?? order.sourceName;
    const reason = formatMessage(UNSENT_WORDS[outcome.reason].words, { source, kind: mapped.kind });
    return faulty(formatMessage(dialog.held, { reason }));
  }
  return {
    fault: null,
    rows: compareBodies(sent, outcome.event),
    notes: explainBrowser(outcome.event, mapped),
    fingerprint: fingerprintEvent(outcome.event),
  };
}

function explainBrowser({ user_data: person }: ConversionEvent, { actionSource }: MappedEvent) {
  if (person.client_user_agent !== undefined) return [dialog.keptBrowser];
  return actionSource === "offline" ? [] : [dialog.noBrowser];
}

function faulty(fault: string): RebuildView {
  return { fault, rows: [], notes: [], fingerprint: "" };
}

function fingerprintEvent(event: ConversionEvent): string {
  return digest(JSON.stringify(event));
}

/** Lists the fields that differ between two bodies of an event. Null: there was no body. */
function compareBodies(
  before: ConversionEvent | null,
  after: ConversionEvent,
): RebuildView["rows"] {
  const was = new Map(before === null ? [] : listBodyFields(before));
  const is = new Map(listBodyFields(after));
  const paths = [...new Set([...was.keys(), ...is.keys()])];
  return paths
    .filter((path) => was.get(path) !== is.get(path))
    .map((path) => ({
      key: path,
      label: findLabel(path),
      before: show(path, was.get(path)),
      after: show(path, is.get(path)),
    }));
}

function findLabel(path: string): string {
  const key = MATCH_KEYS.find((name) => `user_data.${name}` === path);
  return key === undefined ? (lookUp(fieldLabels, path) ?? path) : keyLabels[key];
}

function show(path: string, value: string | undefined): string {
  if (value === undefined) return "";
  return SECRET_KEYS.some((key) => path === `user_data.${key}`) ? HIDDEN : value;
}
