/** Texts of the page on what is kept about shoppers. */
export const privacyTexts = {
  title: "Privacy",
  settings: "Settings",
  retention: {
    title: "How long data is kept",
    label: "Bodies of events are kept (days)",
    help: "From 1 to 30 days after the event was accepted, refused or given up. It can be sent again only while its body is kept. An event that waits to be sent keeps its body.",
    fault: "Enter a whole number from 1 to 30",
    rest: "Browser data of a checkout is kept 30 days, the record of an event (number, value, state) 90 days, Activity 365 days. None of these can be changed.",
    askTitle: "Delete older bodies?",
    ask: "Bodies older than {days, plural, one {# day} other {# days}} are deleted now; this can't be undone. Events that still wait to be sent keep theirs.",
    confirm: "Delete and save",
    saved: "Settings saved",
    deleted: "{n, plural, one {# body} other {# bodies}} deleted",
  },
  requests: {
    title: "Requests from Shopify",
    about:
      "Shopify passes on what customers ask for. Each is due within 30 days, and usually done within minutes. One that fails is tried again until it is done.",
    none: "No requests. When a customer asks for their data or its deletion, it appears here.",
    columns: {
      what: "Request",
      received: "Received",
      due: "Due",
      state: "State",
      removed: "Removed",
    },
    topics: {
      "customers/data_request": "Customer data",
      "customers/redact": "Customer deletion",
      "shop/redact": "Shop deletion",
    },
    inProgress: "In progress",
    done: "Done {day}",
    needless: "Not needed",
    late: "{days, plural, =0 {Due today} one {Due in # day} other {Due in # days}}",
    overdue: "Overdue",
    nothingYet: "Nothing yet",
    nothingKept: "Nothing was kept",
    waitsForUninstall: "Nothing yet: the app is still installed",
    backAgain: "Nothing: the app was installed again",
    removed: {
      events: "{n, plural, one {# event} other {# events}}",
      payloads: "{n, plural, one {# body} other {# bodies}}",
      visits: "{n, plural, one {# visit} other {# visits}}",
    },
    answer: "Nothing; found: {found}",
    download: "Download",
    downloadLabel: "Download the customer's data of {day}",
    fileName: "pinrelay-customer-data-{id}.json",
    answerHelp:
      "A request for data becomes a document, for 30 days. Download it and send it to the customer with what your store keeps. Each download is noted in Activity.",
    pinterest: {
      waits: "Pinterest is asked next",
      asked: "Pinterest deletes within 30 days (its request {request})",
      not_offered: "Pinterest does not offer this to your account",
      refused: "Pinterest refused to delete",
      no_sign_in: "Pinterest wasn't asked: that takes a sign-in with Pinterest",
      given_up: "Pinterest gave no answer for 30 days",
    },
    stays:
      "Events that Pinterest has accepted stay with Pinterest until it deletes them too. Pinrelay asks for this with each customer's deletion, and passes on the customer's email in plain text. Its deletion service is in beta and not open to every account; where it isn't, ask Pinterest yourself. A deletion here removes bodies and visits, and keeps counts.",
  },
  map: {
    title: "What is kept, and what is sent",
    about:
      "Plain email, phone, name and address are hashed in memory and written nowhere. Bodies are encrypted.",
    columns: {
      field: "Field",
      from: "From",
      kept: "Kept",
      sent: "Sent to Pinterest",
      why: "Why",
    },
    policy: "Customer privacy settings of your store (opens Shopify)",
    policyUrl: "shopify://admin/settings/customer-privacy",
  },
} as const;
