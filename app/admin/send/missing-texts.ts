/** The search for orders without an event, on the screen "Send events". */
export const sendMissingTexts = {
  title: "Orders without an event",
  about:
    "Pinrelay looks for these by itself once a day. Start a check here after a fault, or for a longer time: it goes through Shopify's orders and says of each one without an event what was done.",
  since: "Check orders since",
  help: {
    since:
      "A day in your store's time, {zone}. Shopify shows the last 60 days; Pinterest takes events of the last 7, and older orders are noted as too old.",
    dryRunning: "A dry run is under way. A check that sends stops it and begins at once.",
  },
  what: "What to do with an order without an event",
  dry: "Dry run",
  dryHelp: "Nothing is sent. You see what would be.",
  send: "Send",
  sendHelp: "It is sent under the ID that it would have had, so it can't count twice.",
  start: { dry: "Start dry run", send: "Check and send" },
  faults: {
    none: "Choose a day.",
    future: "Choose today or an earlier day.",
    early: "Shopify shows apps the orders of the last 60 days. Choose a later day.",
    dryRunning:
      "A dry run since {day} is under way. Wait until it is done, or stop it under Latest checks.",
    sendRunning:
      "A check since {day} is under way, and sends what it finds. Wait until it is done, or stop it under Latest checks.",
  },
  runs: {
    title: "Latest checks",
    none: "No check was started here yet.",
    started: "Started",
    found: "Found",
    state: "State",
    sent: "{n, plural, =0 {No order without an event} one {# order without an event} other {# orders without an event}}",
    dry: "{n, plural, =0 {No order without an event} one {# order without an event} other {# orders without an event}} (dry run)",
    states: {
      running: "Checking",
      stopping: "Checking",
      stopped: "Stopped",
      done: "Done",
      failed: "Not finished",
    },
  },
} as const;
