/** Texts of "What happened" on the screen of an event. */
export const timelineTexts = {
  told: "Shopify told us ({topic}, {n, plural, one {# delivery} other {# deliveries}})",
  given: "Given by hand, by the API or by Flow",
  built: "Built the event, {kept} of {all} match keys",
  builtWithoutNotes: "Built the event, {kept, plural, one {# match key} other {# match keys}}",
  notBuilt: "Not sent: {reason}",
  attempt: "Attempt {n}",
  status: "HTTP {status}",
  noAnswer: "no answer",
  duration: "{ms} ms",
  alone: "alone",
  withOthers: "with {n, plural, one {# other} other {# others}}",
  pinterest: 'Pinterest: "{words}"',
  processed: "Pinterest marked it processed.",
  note: 'Pinterest\'s note: "{words}"',
  noteMeans: "Means: it counts. The note says what Pinterest could not use.",
  means: "Means: {cause}.",
  next: "Next: {step}",
  lost: "The answer was lost. We try again with the same ID, so it counts once.",
  unreadable: "We could not read the answer and try again with the same ID.",
  down: "Pinterest is out of order. We try again with the same ID.",
  passing: "A passing fault at Pinterest. We try again with the same ID.",
  batchRefused:
    "Pinterest refused a batch of {n} for one event in it. We send it again in halves to find which.",
  isolated:
    "Pinterest refused a batch of {n}; we isolated this event in {requests, plural, one {# request} other {# requests}}.",
  freed:
    "Pinterest refused a batch of {n} for another event; this one was in {requests, plural, one {# request} other {# requests}}.",
  nextAttempt: "Next attempt",
  dueNow: "Next in line",
  ends: {
    accepted: "No further attempt (accepted is final)",
    rejected: "No further attempt (refused is final)",
    expired: "No further attempt: Pinterest takes events for 7 days",
    contentGone: "No further attempt: the event's content is no longer kept",
    skipped: "No attempt: the event is not sent",
    keptPaused: "Kept while paused. It runs out {date}.",
    kept: "Kept until you reconnect. It runs out {date}.",
    keptUntilConnected: "Kept until you connect Pinterest. It runs out {date}.",
  },
  audit: {
    "events.replay": "Sent again by {who}",
    "event.rebuild": "Rebuilt and sent by {who}",
    "event.send_now": "Sent ahead of time by {who}",
  },
  who: { you: "you", user: "user {id}", system: "the system", other: "{name}" },
  meanings: {
    currency: {
      cause: "the value has no currency, or one that Pinterest does not know",
      step: "Rebuild and send, after the currency is set.",
    },
    value: {
      cause: "the value is no amount that Pinterest can read",
      step: "Rebuild and send.",
    },
    time: {
      cause: "Pinterest takes events of the last 7 days that have happened already",
      step: "Nothing: it can't be sent any more.",
    },
    person: {
      cause: "Pinterest found no email, and no IP address with browser, to match it by",
      step: "Rebuild and send, if the order has an email now.",
    },
    hash: {
      cause: "a match key did not arrive as SHA-256",
      step: "Send again if it was given by hand with plain values marked as hashed; else report it.",
    },
    name: {
      cause: "your ad account does not know an event of this name",
      step: "Define it in Pinterest Ads Manager, then send again.",
    },
  },
} as const;
