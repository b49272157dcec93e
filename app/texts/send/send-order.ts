/** "From a past order" of the screen "Send events". */
export const sendOrderTexts = {
  field: "Order number",
  help: "Such as #1042. Orders of the last 60 days.",
  find: "Show the event",
  missing: "Enter the number of an order, such as #1042.",
  notFound:
    "Shopify has no order {name} of the last 60 days. Check the number; older orders are not shown to apps.",
  silent: "Shopify did not answer in time. Try again in a moment.",
  denied:
    "Shopify did not let Pinrelay read this order: a permission is missing. Approve it in Shopify.",
  unfit: "This order can't be made into an event: it {why}.",
  title: "Order {name}",
  facts: "{value} · {source} · {time}",
  would: {
    send: "Would be sent",
    skip: "Would not be sent: {reason}",
  },
  skipHelp: "By your settings of today. To change that, open Settings.",
  bodyTitle: "Event as it would be sent today",
  bodyLabel: "Event as it would be sent today",
  eventId: "Event ID",
  eventIdNew: "Made of the order's ID",
  eventIdKnown: "The ID that this order's event has already",
  stands: "This order's event: {state}",
  noEvent: "This order has no event yet.",
  browserKnown: "Click ID, IP address and browser are those that came with the order.",
  browserUnknown: "Shopify does not tell the IP address and browser of a past order.",
  notes: "Left out",
  optedOut: "The customer asked that their data is not sold: the event is sent for limited use.",
  live: {
    dryOnly: "Dry run only, Pinterest takes 7 days",
    accepted: "Live is not available: Pinterest accepted this order's event already.",
    underWay: "Live is not available: this order's event is queued already.",
    kept: "Live is not available: this order's event was not sent, by your settings of that time. Open it in Events to build it anew.",
    expired: "Live is not available: this order's event ran out of time.",
    skip: "Nothing to send: your settings keep this order back.",
  },
  send: {
    demo: "Send demo",
    test: "Send test",
    live: "Send 1 live event…",
  },
} as const;
