/** Texts of what surrounds every page. */
export const shellTexts = {
  previousPage: "Previous page",
  nextPage: "Next page",
  unnamedTag: "No name",
  appName: "Pinrelay",
  nav: {
    home: "Home",
    events: "Events",
    quality: "Event quality",
    tags: "Tags",
    send: "Send events",
    settings: "Settings",
    help: "Help",
  },
  badges: {
    sending: "Sending",
    attention: "Needs attention",
    paused: "Paused",
    notConnected: "Not connected",
    late: "Late",
    demo: "Demo data",
    testApi: "Test API",
  },
  /** Before a badge, for who can't see its color. */
  state: "State:",
  updated: "Updated",
  refresh: "Refresh",
  /** After the name of a row or a card. */
  notShown: "could not be shown.",
  tryAgain: "Try again",
  save: "Save",
  discard: "Discard",
  cancel: "Cancel",
  undo: "Undo",
  export: {
    button: "Export CSV",
    failed: {
      title: "Export CSV",
      cause: "The file could not be made.",
      nextStep: "Try again.",
    },
  },
  copy: "Copy",
  copied: "Copied",
  wrap: "Wrap lines",
  secondsAgo: "{n} s ago",
  minutesAgo: "{n} min ago",
  justNow: "just now",
  reference: "Reference {id}",
} as const;

/** The title for a route's `meta`: `Events · Pinrelay`. */
export function pageTitle(title: string): [{ title: string }] {
  return [{ title: `${title} · ${shellTexts.appName}` }];
}
