import type { ActionBar } from "./event-actions.ts";
import type { ActionName } from "./view.ts";

/** Texts of the screen of one event. */
export const eventDetailTexts = {
  back: "Events",
  titleOfOrder: "{kind}, order {order}",
  happened: "What happened",
  details: "Details",
  sent: "What we sent",
  notFound: "There is no such event",
  readable: "Readable",
  json: "JSON",
  viewChoice: "How the event is shown",
  copyReport: "Copy report",
  copyJson: "Copy JSON",
  copyCurl: "Copy curl (test)",
  curlHelp:
    "The curl command is a test request: Pinterest checks the event and records nothing. It reads the token from $PINTEREST_TOKEN.",
  show: "Show IP address, browser and click ID",
  maskedHelp: "Masked until you show them. Showing them is noted in Activity.",
  revealedHelp: "Shown for this view only, and noted in Activity.",
  privacy:
    "Email, phone, name and address are hashed before anything is stored: the plain values never were here.",
  lacksNotes: "Why other keys were left out was not recorded with this event.",
  jsonLabel: "Event as JSON",
  noAction: "Nothing can be done with this event",
  headers: { field: "Field", treatment: "Sent as", value: "Value, or why not", origin: "From" },
  treatments: { hashed: "hashed", asIs: "as is", leftOut: "left out" },
  nothing: "–",
  dialog: {
    title: "Rebuild and send",
    intro:
      "The order was read from Shopify again, and today's settings applied. The event keeps its ID.",
    same: "Nothing would change. Send again sends the same body.",
    send: "Send the rebuilt event",
    caption: "What would change",
    field: "Field",
    before: "Now",
    after: "Rebuilt",
    none: "–",
    loading: "Reading the order from Shopify…",
    changed: "The order or the settings changed meanwhile. Look at the difference again.",
    lost: "This event can't be rebuilt any more: its state changed meanwhile.",
    noBrowser:
      "Shopify tells no browser (user agent) of a past order: the event goes without IP address and browser.",
    keptBrowser: "IP address, browser and click ID stay as they came with the order.",
    held: "Your settings of today keep this order back ({reason}). Nothing to send.",
  },
  done: {
    sendNow: "Event is next in line",
    sendAgain: "Event is queued again",
    rebuild: "Rebuilt event is queued",
  },
  failed: {
    sendNow: "It was sent, or is due, meanwhile.",
    reveal: "This event is not there any more.",
    unknown: "This can't be done.",
  },
} as const;

export const actionLabels = {
  sendNow: "Send now",
  sendAgain: "Send again",
  rebuild: "Rebuild and send…",
} as const satisfies Record<ActionName, string>;

/** Why an action is not there, as a sentence. */
export const actionBars = {
  accepted: "Pinterest already has it. Sending again could count it twice.",
  late: "It happened more than 6 days 20 hours ago: Pinterest would no longer take it.",
  no_body: "Its body was deleted, so the same event can't be sent again.",
  sending: "It is being sent right now.",
  due: "It is next in line already.",
  paused: "Sending is paused. Resume it on the page Pinterest connection.",
  not_connected: "No Pinterest account is connected. It is sent when you connect one.",
  no_order:
    "It can't be rebuilt: Shopify gives apps past orders to read again, and this event is not an order's purchase.",
  consent_refused: "The shopper declined marketing, so it is never sent.",
  redacted: "It was removed at the customer's request, so it is never sent.",
  duplicate: "The same event was sent under another ID. Sending this one would count it twice.",
} as const satisfies Record<ActionBar, string>;
