import type { WebPixelFault } from "#app/events/web-pixel-state.ts";
import type { EmbedState } from "./app-bridge.ts";

/** What every screen says of the store's pixel and of its theme embed. */
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
