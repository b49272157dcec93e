import {
  type BrowserFacts,
  describeEmbedOff,
  isSilent,
  readBrowserFacts,
} from "#app/admin/shell/problems/browser-problems.server.ts";
import { formatMessage } from "#app/events/format-message.ts";
import type { Problem } from "#app/events/notices/notice.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { EmbedState } from "./app-bridge.ts";
import type { Formatter, Moment } from "./formatter.server.ts";
import type { Merchant } from "./merchant.server.ts";
import { browserTexts } from "./texts.ts";

/** The store's pixel and its theme embed, in words, ready to be shown. */
export interface BrowserData {
  pixel: Told & {
    isOn: boolean;
    state: "ok" | "waiting" | "problem";
    /** The label of the button that turns it on; null where it is on. */
    turnOn: string | null;
  };
  embed: {
    /** Opens the theme editor with the embed's switch in view. */
    editorUrl: string;
    /** The words for each state that the browser may find. */
    states: Record<EmbedState, Told>;
    /** Shown as a problem where the browser finds it off. */
    off: Problem;
  };
}

interface Told {
  text: string;
  /** Follows the text. */
  at: Moment | null;
}

/** The block of the theme app extension. */
const EMBED_HANDLE = "pinrelay-tag";

/** The same, read for a page that has no other use for the facts. */
export async function readBrowser(
  { db, config }: { db: Pick<Database, "readAsShop">; config: { SHOPIFY_API_KEY: string } },
  { shop: { id, domain }, format }: Pick<Merchant, "shop" | "format">,
): Promise<BrowserData> {
  const facts = await db.readAsShop(id, (tx) => readBrowserFacts(tx, id));
  return describeBrowser(facts, { domain, apiKey: config.SHOPIFY_API_KEY }, format);
}

/** `apiKey`: the app's, at Shopify. */
export function describeBrowser(
  facts: BrowserFacts,
  { domain, apiKey }: { domain: string; apiKey: string },
  format: Formatter,
): BrowserData {
  const editorUrl = themeEditorUrl(domain, apiKey);
  const { asking, active, off, unavailable, none, unknown } = browserTexts.embeds;
  const tell = (state: string) => tellLast(state, facts.lastEmbedAt, format);
  const plain = (text: string) => (facts.lastEmbedAt === null ? { text, at: null } : tell(text));
  return {
    pixel: describePixel(facts, format),
    embed: {
      editorUrl,
      states: {
        asking: { text: asking, at: null },
        active: tell(active),
        off: plain(off),
        unavailable: plain(unavailable),
        none: { text: none, at: null },
        unknown: plain(unknown),
      },
      off: describeEmbedOff(editorUrl),
    },
  };
}

/** The theme editor, with the embed's switch in view. */
export function themeEditorUrl(domain: string, apiKey: string): string {
  return `https://${domain}/admin/themes/current/editor?context=apps&activateAppId=${apiKey}/${EMBED_HANDLE}`;
}

function describePixel(facts: BrowserFacts, format: Formatter): BrowserData["pixel"] {
  const { pixel, lastPixelAt } = facts;
  if (pixel.isOn) {
    const state = isSilent(facts) ? "problem" : lastPixelAt === null ? "waiting" : "ok";
    return { isOn: true, state, ...tellLast(browserTexts.on, lastPixelAt, format), turnOn: null };
  }
  const { fault } = pixel;
  const { faults, notAsked, turnOn, tryAgain } = browserTexts;
  const isOpen = fault === null || fault === "disconnected";
  return {
    isOn: false,
    state: fault === null ? "waiting" : "problem",
    text: fault === null ? notAsked : faults[fault],
    at: null,
    turnOn: isOpen ? turnOn : tryAgain,
  };
}

function tellLast(state: string, heard: Date | null, format: Formatter): Told {
  return heard === null
    ? { text: formatMessage(browserTexts.noEvent, { state }), at: null }
    : { text: formatMessage(browserTexts.lastEvent, { state }), at: format.relative(heard) };
}
