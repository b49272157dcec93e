import type { Merchant } from "#app/admin/shell/merchant.server.ts";
import { replayTexts } from "#app/events/replay-rule.ts";
import { logReveal, sendNow } from "#app/outbox/by-hand.server.ts";
import { replayEvents } from "#app/outbox/replay-events.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { ShopTaskServices } from "#app/tasks/shop/run-shop-task.server.ts";
import type { SentView } from "./describe-sent.server.ts";
import { type ActionName, loadEvent } from "./load-event.server.ts";
import { compareRebuilt, type RebuildView, sendRebuilt } from "./rebuild-order-event.server.ts";
import { actionBars, eventDetailTexts } from "./texts.ts";

export type EventActionResult =
  /** The view is logged: the masked values may be shown now. */
  | { kind: "revealed" }
  /** What a rebuilt event would be, or why there is none. */
  | { kind: "compared"; rebuild: RebuildView }
  | { kind: "done"; message: string }
  | { kind: "failed"; fault: string };

/** The answer to the page, with the masked values where they may be shown. */
export type EventAnswer =
  | Exclude<EventActionResult, { kind: "revealed" }>
  | { kind: "revealed"; sent: SentView };

interface EventRequest {
  eventId: string;
  /** Null: the newest event of the id. */
  kind: string | null;
  /** `reveal`, `compare`, or what is to be done. */
  intent: string;
  fingerprint: string;
}

const { done, failed } = eventDetailTexts;

/** Carries out a person's action on an event of their shop; null: the shop has no such event. */
export async function actOnEvent(
  services: ShopTaskServices & { db: Pick<Database, "readAsShop"> },
  merchant: Pick<Merchant, "shop" | "actor" | "admin">,
  request: EventRequest,
): Promise<EventActionResult | null> {
  const { shop, actor } = merchant;
  const event = await loadEvent(services, shop.id, request, new Date());
  if (event === null) return null;
  const { actions, record } = event;
  const { kind, orderId } = record.row;
  const chosen = { shopId: shop.id, eventId: request.eventId, kind };
  switch (request.intent) {
    case "reveal": {
      const isNoted = await logReveal(services, chosen, actor);
      return isNoted ? { kind: "revealed" } : { kind: "failed", fault: failed.reveal };
    }
    case "sendNow": {
      const bar = blockReason(actions.sendNow);
      if (bar !== null) return bar;
      return (await sendNow(services, chosen, actor)) ? finished("sendNow") : late();
    }
    case "sendAgain": {
      const bar = blockReason(actions.sendAgain);
      if (bar !== null) return bar;
      const events = [{ eventId: chosen.eventId, eventName: chosen.kind }];
      const { replayed, left } = await replayEvents(services, { shopId: shop.id, events }, actor);
      if (replayed.length > 0) return finished("sendAgain");
      const why = left[0]?.why;
      return { kind: "failed", fault: why === undefined ? failed.unknown : replayTexts[why] };
    }
    case "compare":
    case "rebuild": {
      const bar = blockReason(actions.rebuild);
      if (bar !== null || orderId === null) return bar ?? unknown();
      if (request.intent === "compare") {
        return { kind: "compared", rebuild: await compareRebuilt(services, merchant, orderId) };
      }
      const { fingerprint } = request;
      const rebuild = await sendRebuilt(services, merchant, { orderId, fingerprint });
      return rebuild === null ? finished("rebuild") : { kind: "compared", rebuild };
    }
    default:
      return unknown();
  }
}

function blockReason(offer: keyof typeof actionBars | "offered" | null): EventActionResult | null {
  if (offer === "offered") return null;
  return offer === null ? unknown() : { kind: "failed", fault: actionBars[offer] };
}

function finished(name: ActionName): EventActionResult {
  return { kind: "done", message: done[name] };
}

function late(): EventActionResult {
  return { kind: "failed", fault: failed.sendNow };
}

function unknown(): EventActionResult {
  return { kind: "failed", fault: failed.unknown };
}
