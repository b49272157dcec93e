import type { ItemLeft } from "#app/runs/register-run-worker.server.ts";
import type { OrderLeft } from "#app/runs/work-on-order-run.server.ts";

/** Texts of a run: many events sent, or sent again, or Shopify's orders compared with the events. */
export const runTexts = {
  titles: {
    replay: "Send again",
    send: "Send events from a file",
    reconcile: "Check of Shopify's orders",
  },
  back: { replay: "Events", send: "Send events", reconcile: "Send events" },
  started: "Started",
  ended: "Ended",
  file: "File: {name}",
  chosen: { filter: "Chosen by a filter", ticked: "Ticked in the list" },
  showChosen: "Show the list",
  leftOut: "Left out from the start: {list}.",
  badges: {
    running: "Sending",
    answering: "Waiting for Pinterest",
    done: "Done",
    stopped: "Stopped",
    checking: "Checking",
    failed: "Not finished",
  },
  progress: "Progress",
  sentence:
    "{total, plural, one {# event} other {# events}} = {accepted, number} accepted + {rejected, number} refused or too late + {waiting, number} waiting + {left, number} left out + {stopped, number} stopped",
  percentDone: "{percent} done",
  paused:
    "Sending waits, because Pinterest is not connected or sending is paused. What waits is kept.",
  stop: "Stop",
  stopping: {
    question: "Stop sending?",
    text: "{n, plural, one {# event waits.} other {# events wait.}} Those already being sent still go out; the rest are not sent.",
    confirm: "Stop the rest",
    cancel: "Keep sending",
  },
  orders: {
    dry: "Dry run: nothing is sent.",
    compared:
      "{orders, number} of {expected, plural, one {# order} other {# orders}} in Shopify compared, since {since}.",
    comparedUncounted:
      "{orders, plural, one {# order} other {# orders}} in Shopify compared, since {since}.",
    sentence:
      "{total, plural, one {# order without an event} other {# orders without an event}} = {accepted, number} accepted + {rejected, number} refused or too late + {waiting, number} waiting + {left, number} not sent + {stopped, number} stopped",
    drySentence:
      "{total, plural, one {# order without an event} other {# orders without an event}} = {planned, number} would be sent + {left, number} would not be sent + {waiting, number} waiting + {stopped, number} stopped",
    recent:
      "{n, plural, one {# order is} other {# orders are}} younger than 15 minutes: Shopify's notice may still come.",
    unpaid:
      "{n, plural, one {# order is} other {# orders are}} not paid yet, and you send purchases when they are paid.",
    silent: "Shopify gives no answer at the moment. Pinrelay asks again every minute.",
    none: "No order without an event.",
    noneYet: "No order without an event so far.",
    stopping: {
      question: "Stop the check?",
      text: "What was sent stays sent. Orders that were not checked yet stay as they are.",
      confirm: "Stop the check",
      cancel: "Keep checking",
    },
  },
  result: "Result CSV",
  resultFile: "pinrelay-run-{id}.csv",
  events: "Events",
  found: "Orders without an event",
  columns: {
    place: "Row",
    event: "Event",
    order: "Order",
    id: "Event ID",
    outcome: "Outcome",
    why: "Reason",
  },
  outcomes: {
    accepted: "Accepted by Pinterest",
    rejected: "Refused by Pinterest",
    expired: "Too late",
    waiting: "Waiting",
    left: "Left out",
    planned: "Would be sent",
    stopped: "Stopped",
  },
  left: {
    shop_gone: "The store no longer has the app.",
    content_locked: "Its content can no longer be read: the key it was encrypted with is gone.",
    order_gone: "The order was deleted in Shopify.",
    order_not_stored: "It could not be stored. Check again; what is done is not done twice.",
  } satisfies Record<ItemLeft | OrderLeft, string>,
  range: "{first}–{last} of {total}",
  pages: "Pages of the run",
} as const;
