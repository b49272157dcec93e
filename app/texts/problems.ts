/** What is amiss with a shop, as its screens say it: effect, cause, next step. */
export const problemTexts = {
  connectionRefused: {
    id: "E01",
    title: "Pinterest no longer accepts this connection",
    cause:
      'Pinterest answered "not signed in" at {time}; this happens after a password change or withdrawn access.',
    nextStep: "Reconnect. {kept}",
    action: "Reconnect",
  },
  roleMissing: {
    id: "E02",
    title: "This Pinterest user can't send events for {account}",
    cause:
      "The account is in the user's list, but sending needs Owner, Admin, Analyst, Audience or Campaign access.",
    nextStep: "Ask an admin for access, then test the connection. {kept}",
    action: "Open connection",
  },
  accountUnknown: {
    id: "E02",
    title: "Pinterest does not let this connection send to {account}",
    cause: "The ad account was closed, or the connection's user no longer has a role on it.",
    nextStep: "Ask an admin of the ad account, or connect another one. {kept}",
    action: "Open connection",
  },
  sendingLate: {
    id: "E05",
    title: "Events are {m, plural, one {# minute} other {# minutes}} behind",
    cause:
      "The oldest waiting event is {m, plural, one {# minute} other {# minutes}} old; after one hour Pinterest counts it as offline and can't match it to the tag's.",
    nextStep: "View waiting events.",
    action: "View waiting",
  },
  pinterestDown: {
    id: "E06",
    title: "Pinterest is not answering",
    cause:
      "{n, plural, one {# request} other {# requests}} failed since {time}; we try again with the same IDs.",
    nextStep: "There is nothing you need to do.",
  },
  rateLimited: {
    id: "E07",
    title: "Pinterest asked us to slow down",
    cause: "The limit for {account} was reached; sending goes on at {time}.",
    nextStep: "There is nothing you need to do. If it repeats, check for other senders.",
  },
  paused: {
    id: "E09",
    title: "Sending is paused",
    cause: "{who} paused it on {date}. Events over an hour old will count as offline.",
    nextStep: "Resume sending. {kept}",
    action: "Resume",
  },
  signInEnding: {
    id: "E10",
    title: "Your Pinterest sign-in ends on {date}",
    cause: "It could not be renewed since {since}.",
    causeUnknown: "It was not renewed so far.",
    nextStep: "Sign in again; it takes a minute.",
    action: "Sign in again",
  },
  eventsRefused: {
    id: "E11",
    title:
      "{n, plural, one {{count} purchase was} other {{count} purchases were}} refused by Pinterest",
    cause: "Most common answer: “{text}”",
    nextStep: "View refused events.",
    action: "View refused",
  },
  fieldUnknown: {
    id: "E12",
    title: "Pinterest refused a field we sent",
    cause:
      "Our mistake: {key} is not known to Pinterest; {n, plural, one {{count} event was} other {{count} events were}} set aside, the others of the batch were accepted.",
    nextStep: "Copy the report on the Help page and send it to us. Send again after the fix.",
    action: "Open Help",
  },
  currencyMissing: {
    id: "E13",
    title:
      "{n, plural, one {{count} event has} other {{count} events have}} a value without a currency",
    cause: "The order had none, or the row you uploaded lacks it.",
    nextStep: "Rebuild and send, or fill the currency column.",
    action: "View events",
  },
  unmatchedShare: {
    id: "E14",
    title: "{p} of purchases can't be matched",
    cause: "They had no email, and no IP address with browser ({count} of {all} in 7 days).",
    nextStep: "Check that Shopify shares customer details with this app.",
    action: "View purchases",
  },
  ranOutOfTime: {
    id: "E15",
    title: "{n, plural, one {{count} event} other {{count} events}} ran out of time",
    cause: "Pinterest takes events for 7 days and these could not be sent by then ({reason}).",
    nextStep: "View them. They can't be sent any more.",
    neverTried: "the connection to Pinterest was off",
    tried: "Pinterest did not take them",
    action: "View events",
  },
  scopesMissing: {
    id: "E21",
    title: "Shopify permission is missing",
    cause: "This version needs {scopes}; orders can't be read without it.",
    nextStep: "Open Pinrelay again from the list of apps in Shopify, and approve what it asks for.",
  },
  customerDataMissing: {
    id: "E22",
    title: "Shopify does not share customer details with this app",
    cause:
      "Orders arrive without email, phone and address; approval for protected customer data is missing.",
    nextStep: "The app's developer must apply for it. Events with IP address and browser still go.",
  },
} as const;

/** How many events wait, to follow a next step. */
export const keptTexts = {
  kept: "{n, plural, one {{count} event is} other {{count} events are}} kept until {date}.",
  none: "Events are kept meanwhile.",
} as const;

/** Who did something, by the audit log's actor. */
export const actorWords = {
  user: "Someone on your staff",
  cli: "The person who runs Pinrelay",
  system: "Pinrelay",
} as const;
