import { ipAddress, type UserData } from "#app/events/conversion-event.ts";
import { addNote, type LeftOutReason, leftOut } from "#app/events/match-notes.ts";
import { personalAddress } from "#app/events/public-address.ts";
import { soundBySchema } from "#app/events/sound-by-schema.ts";
import type { StoreOrder } from "#app/events/store-event.ts";

interface BrowserData {
  userData: Pick<UserData, "client_ip_address" | "client_user_agent">;
  /** The given notes with those of the two keys added. */
  notes: string;
}

const isAddress = soundBySchema(ipAddress);

/** The `source_name` of sales that the staff make themselves. */
const STAFF_SOURCES = ["pos", "shopify_draft_order"];

/**
 * Reads the shopper's IP address and user agent. In draft orders and at tills they are those of the
 * staff, who would be credited with every purchase of the shop.
 */
export function readBrowser(order: StoreOrder, notes: string): BrowserData {
  const withheld = whyWithheld(order);
  if (withheld !== null) return { userData: {}, notes: explainBrowser(notes, withheld) };
  const { ip: noted, userAgent } = order.browser;
  const ip = noted === null ? null : readAddress(noted);
  const missing = leftOut(order.isReread ? "reread" : "absent");
  const ipNote = ip !== null ? "order" : noted === null ? missing : leftOut("unusable");
  const agentNote = userAgent === null ? missing : "order";
  return {
    userData: {
      ...(ip === null ? {} : { client_ip_address: ip }),
      ...(userAgent === null ? {} : { client_user_agent: userAgent }),
    },
    notes: addNote(addNote(notes, "client_ip_address", ipNote), "client_user_agent", agentNote),
  };
}

/**
 * The person's IP address as Pinterest accepts it; null for an invalid one, and for addresses of
 * private networks and of the machine itself: with a user agent, one of these would match everyone
 * behind it as the same person.
 */
export function readAddress(text: string): string | null {
  return isAddress(text) || ipAddress.safeParse(text).success ? personalAddress(text) : null;
}

/** Adds to the notes one reason why the event has neither IP address nor user agent. */
export function explainBrowser(notes: string, reason: LeftOutReason): string {
  const note = leftOut(reason);
  return addNote(addNote(notes, "client_ip_address", note), "client_user_agent", note);
}

function whyWithheld(order: StoreOrder): LeftOutReason | null {
  if (order.isMadeByStaff || STAFF_SOURCES.includes(order.sourceName)) return "staff";
  return order.sourceName === "web" ? null : "elsewhere";
}
