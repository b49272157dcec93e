import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { Notice } from "#app/events/notices/notice.ts";
import { findMissingScopes } from "./find-missing-scopes.server.ts";
import type { Problem } from "./problem.ts";
import type { BrowserFacts, SecondSender } from "./read-browser-facts.server.ts";

const HOUR_MS = 60 * 60 * 1_000;
/** A few shoppers may all have refused. */
const FEWEST_ORDERS = 5;

/** Shopify's page of all pixels of a store. */
const CUSTOMER_EVENTS_URL = "shopify://admin/settings/customer_events";
const DUPLICATES_URL = "/app/quality/duplicates";

/** The permissions without which Shopify lets no app have a pixel. */
const PIXEL_SCOPES = ["write_pixels", "read_customer_events"];

/**
 * What is amiss with the data of the store's pages, in the catalogue's order. Whether the theme
 * embed is on, only the browser can ask: it is not among them.
 */
export function judgeBrowser(facts: BrowserFacts, scopes: string, format: Formatter): Problem[] {
  return [
    describePixel(facts, scopes),
    describeSilence(facts, format),
    describeSender(facts),
  ].filter((problem) => problem !== null);
}

function describePixel({ pixel }: BrowserFacts, scopes: string): Problem | null {
  // A store whose merchant has not opened the app yet has not been asked.
  if (pixel.isOn || pixel.fault === null) return null;
  const { action, ...notice } =
    pixel.fault === "denied"
      ? formatNotice("pixel_missing.denied", {
          scopes:
            findMissingScopes(scopes.split(","), PIXEL_SCOPES).join(", ") ||
            PIXEL_SCOPES.join(", "),
        })
      : formatNotice(`pixel_missing.${pixel.fault}`, {});
  const turnOn = { label: action, intent: "turn-on-pixel" as const };
  return { ...notice, severity: "warning", place: "attention", action: turnOn };
}

/** Nothing comes from a pixel that is on, while orders do. */
export function isSilent({ quietSince, silentOrders }: BrowserFacts): boolean {
  return quietSince !== null && silentOrders >= FEWEST_ORDERS;
}

function describeSilence(facts: BrowserFacts, format: Formatter): Problem | null {
  const { quietSince } = facts;
  if (quietSince === null || !isSilent(facts)) return null;
  const h = Math.floor((format.now.getTime() - quietSince.getTime()) / HOUR_MS);
  const { action, ...notice } = formatNotice("pixel_silent.banner", { h: format.number(h) });
  const link = { label: action, url: CUSTOMER_EVENTS_URL };
  return { ...notice, severity: "warning", place: "attention", action: link };
}

/** One whose events carry our ids counts nothing twice, and needs nobody's attention. */
function describeSender(facts: BrowserFacts): Problem | null {
  const differing = findDifferingSender(facts);
  if (differing !== null) return { ...differing, severity: "warning", place: "attention" };
  const seen = facts.senders.find(({ kind, sharesIds }) => kind === "tag" && sharesIds === null);
  if (seen === undefined) return null;
  const { action, ...notice } = formatNotice("double_sender.seen", { tag: nameTag(seen) });
  const link = { label: action, url: DUPLICATES_URL };
  return { ...notice, severity: "info", place: "attention", action: link };
}

/** That a tag of the store's pages sends events under other ids than ours; null: none was seen. */
export function findDifferingSender({
  senders,
}: Pick<BrowserFacts, "senders">): Pick<Problem, keyof Notice | "action"> | null {
  const sender = senders.find(({ kind, sharesIds }) => kind === "tag" && sharesIds === false);
  if (sender === undefined) return null;
  const { action, ...notice } = formatNotice("double_sender.differs", { tag: nameTag(sender) });
  return { ...notice, action: { label: action, url: DUPLICATES_URL } };
}

function nameTag({ tagId }: SecondSender): string {
  return tagId === "" ? shellTexts.unnamedTag : tagId;
}

/** What a page says of a theme embed that its browser found to be off. */
export function describeEmbedOff(editorUrl: string): Problem {
  const { action, ...notice } = formatNotice("embed_off.banner", {});
  const link = { label: action, url: editorUrl };
  return { ...notice, severity: "info", place: "attention", action: link };
}
