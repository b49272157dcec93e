import type { WebPixelFault } from "#app/events/web-pixel-state.ts";
import type { EmbedState } from "./app-bridge.ts";

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
  /** Before a badge, for readers who can't see its color. */
  state: "State:",
  updated: "Updated",
  refresh: "Refresh",
  /** After the name of a row or a card. */
  notShown: "could not be shown.",
  tryAgain: "Try again",
  onThisPage: "On this page",
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

/** The words for the store's pixel and its theme embed, on every screen. */
export const browserTexts = {
  pixel: "Web pixel",
  embed: "Theme embed",
  /** A time follows. */
  lastEvent: "{state}, last event",
  noEvent: "{state}, no event yet",
  on: "On",
  turnOn: "Turn on",
  tryAgain: "Try again",
  openEditor: "Open theme editor",
  openEditorLabel: "Open theme editor (opens Shopify)",
  notAsked: "Not turned on yet",
  faults: {
    denied: "Off: a permission is missing in Shopify",
    no_extension: "Off: Pinrelay's operator has not deployed it",
    rejected: "Off: Shopify refuses its settings",
    silent: "Off: Shopify did not answer",
    disconnected: "Off: disconnected in Customer events",
  } satisfies Record<WebPixelFault, string>,
  embeds: {
    asking: "Asking Shopify …",
    active: "On",
    off: "Off on your published theme",
    unavailable: "Your published theme can't take it",
    none: "Pinrelay's operator has not deployed it",
    unknown: "Shopify did not say",
  } satisfies Record<EmbedState, string>,
} as const;

/** How many events wait, to follow a next step. */
export const keptTexts = {
  kept: "{n, plural, one {{count} event is} other {{count} events are}} kept until {date}.",
  none: "Your events are kept.",
} as const;

/** Why events expired. */
export const outOfTimeTexts = {
  neverTried: "the connection to Pinterest was off",
  tried: "Pinterest did not accept them",
} as const;

/** Who did something, by the audit log's actor. */
export const actorWords = {
  user: "Someone on your staff",
  cli: "The person who runs Pinrelay",
  system: "Pinrelay",
} as const;
