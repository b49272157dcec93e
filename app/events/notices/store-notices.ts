import type { NoticeEntry } from "./notice.ts";

/** What can be wrong in a store, in its settings, or on a screen. */
export const STORE_NOTICES = {
  too_old: {
    id: "E16",
    title: "This event is too old",
    cause:
      "Pinterest takes events for 7 days, and Pinrelay stops 4 hours earlier to leave time for delivery.",
    nextStep: "Correct eventTime if it is wrong; else leave this event out.",
  },
  in_the_future: {
    id: "E17",
    title: "The event time is in the future",
    cause: "Pinterest refuses future events; your clock may be ahead.",
    nextStep: "Set the time back.",
  },
  pixel_missing: {
    id: "E18",
    title: "Browser data is off",
    cause: "The store's pixel is not installed, so click IDs and matching IDs are missing.",
    nextStep: "Turn it on.",
    variants: {
      disconnected: {
        cause:
          "Somebody disconnected the store's pixel in Customer events, so click IDs and matching IDs are missing.",
        nextStep: "Turn it on again if you want its data.",
        action: "Turn on",
      },
      denied: {
        cause: "The store's pixel can't be turned on: Shopify permission is missing ({scopes}).",
        nextStep:
          "Open Pinrelay again from the list of apps in Shopify, and approve what it asks for.",
        action: "Try again",
      },
      no_extension: {
        cause:
          "This Pinrelay has no pixel at Shopify yet: its operator has not deployed the extension.",
        nextStep:
          "Ask the operator of Pinrelay to deploy it. The pixel is then turned on by itself.",
        action: "Try again",
      },
      rejected: {
        cause:
          "Shopify refuses the pixel's settings: the deployed extension is not that of this version.",
        nextStep: "Ask the operator of Pinrelay to deploy it anew.",
        action: "Try again",
      },
      silent: {
        cause: "Shopify did not answer when the store's pixel was to be turned on.",
        nextStep: "Pinrelay tries again every hour.",
        action: "Try again",
      },
    },
  },
  pixel_silent: {
    id: "E19",
    title: "No browser data for {h} hours",
    cause:
      "The pixel is installed but nothing came, while orders did; it may be disconnected in Customer events.",
    nextStep: "Open Customer events in Shopify.",
    variants: { banner: { action: "Open Customer events" } },
  },
  embed_off: {
    id: "E20",
    title: "Click IDs are not captured on landing",
    cause: "The theme embed is off on your published theme.",
    nextStep: "Open the theme editor.",
    variants: { banner: { action: "Open theme editor" } },
  },
  scopes_missing: {
    id: "E21",
    title: "Shopify permission is missing",
    cause: "This version needs {scopes}; orders can't be read without it.",
    nextStep: "Open Pinrelay again from the list of apps in Shopify, and approve what it asks for.",
  },
  customer_data_missing: {
    id: "E22",
    title: "Shopify does not share customer details with this app",
    cause:
      "Orders arrive without email, phone and address; approval for protected customer data is missing.",
    nextStep: "The app's developer must apply for it. Events with IP address and browser still go.",
  },
  product_ids_differ: {
    id: "E23",
    title: "Product IDs don't look like your catalog's",
    cause: "{finding}.",
    nextStep: "Check the format.",
  },
  double_sender: {
    id: "E24",
    title: "Another sender is active on your store",
    cause: "Pinterest also gets events from {source}; {p} of ours share its IDs.",
    nextStep: "See the duplicate check.",
    variants: {
      differs: {
        title: "Another sender may count your sales twice",
        cause:
          "The Pinterest tag {tag} in your store's pages sends events under other IDs than ours, so Pinterest can't tell that they are the same.",
        nextStep: "The duplicate check says what to switch off.",
        action: "See the duplicate check",
      },
      seen: {
        cause:
          "The Pinterest tag {tag} is in your store's pages. Whether its events share our IDs was not seen yet.",
        action: "See the duplicate check",
      },
    },
  },
  tags_closed: {
    id: "E25",
    title: "Not available with a pasted token",
    cause: "Tokens from Ads Manager may only send events.",
    nextStep:
      "Sign in with Pinterest, or use a token with the scope ads:read whose user has a role on the ad account.",
    variants: {
      card: {
        nextStep: "Sign in with Pinterest to see {subject}.",
        action: "Sign in with Pinterest",
      },
    },
  },
  answer_unreadable: {
    id: "E26",
    title: "Pinterest's answer could not be read",
    cause: "It does not have the form that Pinterest describes.",
    nextStep: "Try again in a few minutes. If it stays, look for a newer version of Pinrelay.",
    variants: {
      card: {
        cause: "Its answer about {subject} does not have the form that Pinterest describes.",
      },
      unchanged: {
        cause: "Nothing was changed.",
        nextStep: "Try again in a few minutes.",
      },
    },
  },
  settings_conflict: {
    id: "E27",
    title: "{who} saved other changes at {time}",
    cause: "Yours are not saved yet.",
    nextStep: "Reload, or review both.",
  },
  page_failed: {
    id: "E28",
    title: "We could not load this page",
    cause:
      "Pinrelay's database did not answer (reference {reference}). Sending continues in the background.",
    nextStep: "Try again.",
    variants: {
      card: {
        title: "This could not be loaded",
        cause: "Pinrelay's database did not answer.",
        nextStep: "Sending continues in the background. Try again.",
      },
      unanswered: {
        title: "Pinrelay did not answer",
        cause: "Nothing was changed.",
        nextStep: "Try again.",
      },
    },
  },
  export_too_large: {
    id: "E29",
    title: "Too many rows for one file",
    cause: "{n} rows match, the limit is 50,000.",
    nextStep: "Choose a shorter period.",
  },
  plan_missing: {
    id: "E45",
    title: "Sending pauses on {date} unless a plan is approved",
    cause: "Pinrelay has a price, and this store has no active plan.",
    nextStep: "Approve the plan. Until then everything is sent as before.",
    variants: { banner: { action: "Open plan" } },
  },
  plan_overdue: {
    id: "E46",
    title: "Sending is paused because this store has no active plan",
    cause: "Pinrelay has a price, and no plan was approved by {date}.",
    nextStep: "Approve the plan. Events are kept, and sent then, while they are young enough.",
    variants: {
      banner: { action: "Open plan" },
      connection: {
        title: "Sending is paused until a plan is chosen",
        cause: "Pinrelay has a price, and this store has no active plan.",
        nextStep: "Choose the plan under Settings, Plan. {kept}",
      },
    },
  },
  orders_dropped: {
    id: "E57",
    title: "Far fewer orders than usual",
    cause:
      "{n, plural, =0 {No order} one {# order} other {# orders}} came in {h} hours; in the same hours of earlier weeks it was {usual}.",
    nextStep: "Check that your store takes orders. If it does, run a check on the Help page.",
    variants: { banner: { action: "Run a check" } },
  },
  orders_unchecked: {
    id: "E58",
    title: "Pinrelay can't compare your orders with Shopify's",
    cause: "Shopify has not let it read them since {since}, so a lost order would stay unsent.",
    nextStep: "Open Pinrelay in Shopify's admin and approve what it asks for.",
    variants: {
      failing: {
        cause:
          "The comparison has failed since {since}, so an order whose notice is lost stays unsent.",
        nextStep: "Run a check on the Help page; if it stays, ask the operator of Pinrelay.",
      },
    },
  },
  shopify_access_ending: {
    id: "E59",
    title: "Pinrelay loses access to your store on {date}",
    cause: "Shopify ends an app's access after 90 days without use; the last use was on {since}.",
    nextStep: "Open Pinrelay once in Shopify's admin before that day.",
  },
  privacy_late: {
    id: "E60",
    title:
      "{n, plural, one {{count} privacy request is} other {{count} privacy requests are}} late",
    cause: "Shopify sent this more than 20 days ago, and a request is due after 30.",
    nextStep: "Ask the operator of Pinrelay to see why in its log.",
    variants: { banner: { action: "View requests" } },
  },
  alerts_unmailed: {
    id: "E61",
    title: "Email is not set up",
    cause: "The operator of this Pinrelay has not given it a mail server.",
    nextStep: "Ask the operator to set SMTP_URL and SMTP_FROM, or use a webhook address.",
  },
  alert_undelivered: {
    id: "E62",
    title: "The alert did not reach {address}",
    cause: "The try ended like this: “{why}”",
    nextStep: "Mend that, and send a test alert again.",
  },
  order_check_failed: {
    id: "E64",
    title: "The check of Shopify's orders was not finished",
    cause: "Shopify gave no answer for an hour.",
    nextStep: "Start it again later. What was sent is not sent twice.",
    variants: {
      access: {
        cause:
          "Shopify does not let Pinrelay read your orders: its access has ended, or a permission is missing.",
        nextStep:
          "Open Pinrelay anew in Shopify's admin, approve what it asks for, and start the check again.",
      },
      unreadable: {
        cause: "Shopify's list of orders has a form that Pinrelay does not know.",
        nextStep: "Ask the operator to update Pinrelay, and start the check again.",
      },
      gone: {
        cause: "The store no longer has the app.",
        nextStep: "Install Pinrelay again, and start the check again.",
      },
    },
  },
  test_limit: {
    id: "E30",
    title: "One moment",
    cause: "Pinterest allows ten test requests a second, for all users of an app together.",
    nextStep: "Try again in {seconds} s.",
    variants: {
      alerts: {
        cause: "Every test alert goes to all addresses, and a store may send three in a row.",
      },
    },
  },
} as const satisfies Record<string, NoticeEntry>;
