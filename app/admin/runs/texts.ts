import type { ItemLeft } from "#app/runs/register-run-worker.server.ts";

/** Texts of a run: many events sent, or sent again. */
export const runTexts = {
  titles: { replay: "Send again", send: "Send events from a file" },
  back: { replay: "Events", send: "Send events" },
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
  },
  progress: "Progress",
  sentence:
    "{total, plural, one {# event} other {# events}} = {accepted, number} accepted + {refused, number} refused or too late + {waiting, number} waiting + {left, number} left out + {stopped, number} stopped",
  percentDone: "{percent} done",
  paused:
    "Sending waits, because Pinterest is not connected or sending is paused. What waits is kept.",
  stop: "Stop",
  stopQuestion: "Stop sending?",
  stopText:
    "{n, plural, one {# event waits.} other {# events wait.}} Those already with the sender still go out; the rest is not sent.",
  stopConfirm: "Stop the rest",
  stopCancel: "Go on sending",
  result: "Result CSV",
  resultFile: "pinrelay-run-{id}.csv",
  events: "Events",
  columns: { place: "Row", event: "Event", id: "Event ID", outcome: "Outcome", why: "Reason" },
  outcomes: {
    accepted: "Accepted by Pinterest",
    refused: "Refused by Pinterest",
    expired: "Too late",
    waiting: "Waiting",
    left: "Left out",
    stopped: "Stopped",
  },
  left: {
    shop_gone: "The store no longer has the app.",
    content_locked: "Its content can no longer be read: the key it was encrypted with is gone.",
  } satisfies Record<ItemLeft, string>,
  range: "{first}–{last} of {total}",
  pages: "Pages of the run",
} as const;
