import { nowSeconds } from "#app/admin/shell/formatter.server.ts";
import { kindWords } from "#app/admin/shell/words.ts";
import { EVENT_NAMES } from "#app/events/conversion-event.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import { formatLocalTime } from "#app/platform/calendar.server.ts";
import { readConnection } from "#app/shops/connection/read-connection.server.ts";
import type { ShopTaskServices } from "#app/tasks/shop/run-shop-task.server.ts";
import { loadOrderCheck, type OrderCheckView } from "./check-orders.server.ts";
import { sendFileTexts } from "./file-texts.ts";
import type { SendFields } from "./send-form.ts";
import { makeEventId, type SendMerchant } from "./send-one-event.server.ts";
import { sendTexts } from "./texts.ts";

/** What the page "Send events" starts with. */
export interface SendFormView {
  fields: SendFields;
  /** For the event of this form; it stays the form's, however often that is posted. */
  eventId: string;
  connection: "none" | "active" | "paused";
  /** With the event's API name behind its words. */
  eventNames: { value: string; label: string }[];
  timeHelp: string;
  /** The question before a live event; empty where none can be sent. */
  liveQuestion: string;
  columnsHelp: string;
  sampleFile: string;
  orderCheck: OrderCheckView;
}

export async function loadSendForm(
  services: ShopTaskServices,
  merchant: SendMerchant,
): Promise<SendFormView> {
  const { shop, format } = merchant;
  const [connection, orderCheck] = await Promise.all([
    readConnection(services, shop),
    loadOrderCheck(services, merchant),
  ]);
  const { currency, timeZone } = shop;
  const { ask } = sendTexts;
  const question = connection?.state === "paused" ? ask.textPaused : ask.text;
  return {
    fields: {
      eventName: "checkout",
      actionSource: "web",
      eventTime: formatLocalTime(nowSeconds(), timeZone),
      currency,
      orderQuantity: "1",
    },
    eventId: makeEventId(),
    connection: connection?.state ?? "none",
    eventNames: EVENT_NAMES.map(nameEvent).sort(byUse),
    timeHelp: formatMessage(sendTexts.help.eventTime, { zone: format.zone() }),
    liveQuestion:
      connection === null ? "" : formatMessage(question, { account: connection.adAccountId }),
    columnsHelp: formatMessage(sendFileTexts.drop.columns, { currency }),
    sampleFile: formatMessage(sendFileTexts.drop.sampleText, { currency }),
    orderCheck,
  };
}

function nameEvent(value: string): { value: string; label: string } {
  const words = lookUp(kindWords, value) ?? lookUp(sendTexts.otherEvents, value);
  return { value, label: words === undefined ? value : `${words} (${value})` };
}

/** The store's own kinds first, the purchase at their head. */
function byUse(a: { value: string; label: string }, b: { value: string; label: string }): number {
  const kinds = Object.keys(kindWords);
  const rank = ({ value }: { value: string }) =>
    kinds.includes(value) ? kinds.indexOf(value) : kinds.length;
  return rank(a) - rank(b) || a.label.localeCompare(b.label, "en");
}
