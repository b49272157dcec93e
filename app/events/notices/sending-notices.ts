import type { NoticeEntry } from "./notice.ts";

/** The roles on an ad account that may send; as Pinterest names them. */
export const SENDING_ROLES = "Owner, Admin, Analyst, Audience or Campaign";

/** What stops events, or some of them, on their way to Pinterest. */
export const SENDING_NOTICES = {
  connection_refused: {
    id: "E01",
    title: "Pinterest no longer accepts this connection",
    cause:
      "Pinterest did not accept the store's access token: it ran out, was withdrawn, or ended with a changed password.",
    nextStep: "Connect the store to Pinterest again, with a new token.",
    variants: {
      banner: {
        cause:
          'Pinterest answered "not signed in" at {time}; this happens after a password change or withdrawn access. We test it every hour.',
        nextStep: "Reconnect. {kept}",
        action: "Reconnect",
      },
      connection: {
        cause: "This happens after a password change or withdrawn access.",
        nextStep: "Sign in again, or paste a new token. {kept}",
      },
      card: {
        cause:
          "It refused the sign-in when it was asked for {subject}. This happens after a password change or withdrawn access.",
        nextStep: "Sign in again.",
        action: "Reconnect",
      },
    },
  },
  role_missing: {
    id: "E02",
    title: "This Pinterest user can't send events for {account}",
    cause: `Sending needs ${SENDING_ROLES} access to the ad account.`,
    nextStep: "Ask an admin of the business for access, then try again.",
    variants: {
      banner: {
        cause: `The account is in the user's list, but sending needs ${SENDING_ROLES} access. We test it every hour.`,
        nextStep: "Ask an admin for access, then test the connection. {kept}",
        action: "Open connection",
      },
      // Pinterest answers 404 both for an account that was closed and for one that it hides.
      hidden: {
        title: "Pinterest does not let this connection send to {account}",
        cause: "The ad account was closed, or the connection's user no longer has a role on it.",
        nextStep: "Ask an admin of the ad account, or connect another one. {kept}",
        action: "Open connection",
      },
      connection: {
        nextStep: "Ask an admin of the business for access, then test the connection. {kept}",
      },
      card: {
        title: "This Pinterest user can't see {subject} of the ad account",
        cause: "Its role on the ad account is missing, or the sign-in was given fewer permissions.",
        nextStep: "Sign in with a user who has access.",
        action: "Open Pinterest connection",
      },
    },
  },
  wrong_account: {
    id: "E03",
    title: "This token can't send to ad account {account}",
    cause: `The number has a typing error, or the token's user has no ${SENDING_ROLES} access to that ad account.`,
    nextStep: "Copy number and token from the same place: Pinterest Ads Manager, Conversions.",
  },
  webhooks_silent: {
    id: "E04",
    title: "Shopify has {n} orders we were not told about",
    cause: "No order notice came for {h} hours although Shopify has orders.",
    nextStep: "Run a check on the Help page; if it stays, reinstall Pinrelay.",
  },
  sending_late: {
    id: "E05",
    title: "Events are {m, plural, one {{count} minute} other {{count} minutes}} behind",
    cause:
      "The oldest waiting event is {m, plural, one {{count} minute} other {{count} minutes}} old; after one hour Pinterest counts it as offline and can't match it to the tag's.",
    nextStep: "View waiting events.",
    variants: {
      banner: { action: "View waiting" },
      alert: {
        title: "Events are late",
        cause:
          "Events have waited for more than 30 minutes; after one hour Pinterest counts them as offline and can't match them to the tag's.",
        nextStep: "Open Home: it says what holds them up.",
      },
    },
  },
  pinterest_down: {
    id: "E06",
    title: "Pinterest is not answering",
    cause: "It could not be reached or is out of order, for as long as we tried ({detail}).",
    nextStep: "Try again in a few minutes with the same input: no event counts twice.",
    variants: {
      banner: {
        cause:
          "{n, plural, one {# request} other {# requests}} failed since {time}; we try again with the same IDs.",
        nextStep: "There is nothing you need to do.",
      },
      card: {
        cause: "It could not be asked for {subject} just now.",
        nextStep: "Sending continues in the background. Try again in a few minutes.",
      },
      slow: {
        title: "Pinterest is slow to answer",
        cause: "It has been asked for {subject}.",
        nextStep: "The answer will be here when you try again.",
      },
      unchanged: {
        cause: "Nothing was changed.",
        nextStep: "Try again in a few minutes.",
      },
    },
  },
  rate_limited: {
    id: "E07",
    title: "Pinterest asked us to slow down",
    cause: "The limit of requests for ad account {account} was reached.",
    nextStep: "Try again in {seconds} s with the same input: no event counts twice.",
    variants: {
      banner: {
        cause: "The limit for {account} was reached; sending continues at {time}.",
        nextStep: "There is nothing you need to do. If it repeats, check for other senders.",
      },
      card: {
        cause: "The limit of requests was reached when it was asked for {subject}.",
        nextStep: "Try again in a minute.",
      },
    },
  },
  trial_limit: {
    id: "E08",
    title: "This app may send 1,000 requests a day",
    cause: "Pinterest gave the app trial access and {n} are used.",
    nextStep:
      "Use a conversion token (Pinterest connection). Events are kept and go on when Pinterest allows.",
  },
  paused: {
    id: "E09",
    title: "Sending is paused",
    cause: "The store's connection to Pinterest was paused, by a person or because it was refused.",
    nextStep:
      "Connect the store again. Events are kept and sent then, while they are young enough.",
    variants: {
      banner: {
        cause: "{who} paused it on {date}. Events over an hour old will count as offline.",
        nextStep: "Resume sending. {kept}",
        action: "Resume",
      },
      connection: {
        cause: "The store's connection to Pinterest was paused.",
        nextStep: "Resume sending on the Home page. {kept}",
      },
      card: {
        cause: "While it is paused, Pinterest is not asked for {subject}.",
        nextStep: "What it told before stays here. Resume sending to see more.",
        action: "Open Pinterest connection",
      },
    },
  },
  sign_in_ending: {
    id: "E10",
    title: "Your Pinterest sign-in ends on {date}",
    cause: "It could not be renewed since {since}.",
    nextStep: "Sign in again; it takes a minute.",
    variants: {
      banner: { action: "Sign in again" },
      untried: { cause: "It was not renewed so far.", action: "Sign in again" },
    },
  },
  events_refused: {
    id: "E11",
    title:
      "{n, plural, one {{count} purchase was} other {{count} purchases were}} refused by Pinterest",
    cause: "Most common answer: “{text}”",
    nextStep: "View refused events.",
    variants: {
      banner: { action: "View refused" },
      alert: {
        title: "Pinterest refuses many events",
        cause: "It refused {count} of {all} events in {h, plural, one {# hour} other {# hours}}.",
        nextStep: "View refused events: each says what Pinterest answered.",
        action: "View refused",
      },
    },
  },
  field_unknown: {
    id: "E12",
    title: "Pinterest refused a field we sent",
    cause:
      "Our mistake: {key} is not known to Pinterest; {n, plural, one {{count} event was} other {{count} events were}} set aside, the others of the batch were accepted.",
    nextStep: "Copy the report on the Help page and send it to us. Send again after the fix.",
    variants: {
      banner: { action: "Open Help" },
    },
  },
  currency_missing: {
    id: "E13",
    title:
      "{n, plural, one {{count} event has} other {{count} events have}} a value without a currency",
    cause: "The order had none, or the row you uploaded lacks it.",
    nextStep: "Rebuild and send, or fill the currency column.",
    variants: {
      banner: { action: "View events" },
    },
  },
  unmatched_share: {
    id: "E14",
    title: "{p} of purchases can't be matched",
    cause: "They had no email, and no IP address with browser ({count} of {all} in 7 days).",
    nextStep: "Check that Shopify shares customer details with this app.",
    variants: {
      banner: { action: "View purchases" },
    },
  },
  ran_out_of_time: {
    id: "E15",
    title: "{n, plural, one {{count} event} other {{count} events}} ran out of time",
    cause: "Pinterest takes events for 7 days and these could not be sent by then ({reason}).",
    nextStep: "View them. They can't be sent any more.",
    variants: {
      banner: { action: "View events" },
    },
  },
  events_expiring: {
    id: "E56",
    title:
      "{n, plural, one {{count} event runs} other {{count} events run}} out of time, the first on {date}",
    cause: "Pinterest takes events for 7 days, and these are still waiting to be sent.",
    nextStep: "Resume sending, or reconnect, before that day. Home says what holds them up.",
    variants: {
      banner: { action: "View waiting" },
    },
  },
  stopped_by_fault: {
    id: "E55",
    title: "Sending stopped because of a fault in Pinrelay",
    cause: "Our mistake: the store's events could not be sent ({detail}).",
    nextStep: "Copy the report on the Help page and send it to us. Your events are kept.",
    variants: {
      banner: {
        nextStep: "Copy the report on the Help page and send it to us; we test every hour. {kept}",
        action: "Open Help",
      },
    },
  },
  all_refused: {
    id: "E54",
    title: "Pinterest refuses every event",
    cause: "All events of the last requests got the same answer: “{text}”.",
    nextStep: "Check the ad account at Pinterest. Events are kept; we try again every few minutes.",
    variants: {
      banner: { action: "View waiting" },
    },
  },
} as const satisfies Record<string, NoticeEntry>;
