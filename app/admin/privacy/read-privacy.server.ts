import type { Formatter, Moment } from "#app/admin/shell/format/formatter.server.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import { shopSettings } from "#app/events/shop-settings.ts";
import type { Database } from "#app/platform/db.server.ts";
import { privacyTexts } from "./texts.ts";

/** What the page on privacy shows. */
export interface PrivacyView {
  payloadDays: number;
  /** For each number of days below the one now, what saving it does: index 0 is one day. */
  warnings: string[];
  /** Newest first. */
  requests: RequestRow[];
}

export interface RequestRow {
  id: string;
  what: string;
  received: Moment;
  due: Moment;
  isOverdue: boolean;
}

const DAY_MS = 86_400_000;
/** Shopify gives an app so long ("Privacy law compliance", shopify.dev). */
const DUE_DAYS = 30;
const MOST_REQUESTS = 100;

interface Request {
  id: bigint;
  topic: string;
  receivedAt: Date;
}

/** What is kept of a shop's shoppers, for how long, and what Shopify asked about them. */
export async function readPrivacy(
  { db }: { db: Pick<Database, "readAsShop"> },
  shop: { id: bigint; domain: string },
  format: Formatter,
): Promise<PrivacyView> {
  const { settings, requests } = await db.readAsShop(shop.id, async (tx) => ({
    settings: await tx.shop.findUniqueOrThrow({
      where: { id: shop.id },
      select: { settings: true },
    }),
    // One whose body names another shop than its sender is not believed, and is no request of ours.
    requests: await tx.complianceRequest.findMany({
      where: { shopDomain: shop.domain, state: "recorded" },
      select: { id: true, topic: true, receivedAt: true },
      orderBy: [{ receivedAt: "desc" }, { id: "desc" }],
      take: MOST_REQUESTS,
    }),
  }));
  const payloadDays = parsePayloadDays(settings.settings);
  return {
    payloadDays,
    warnings: Array.from({ length: payloadDays - 1 }, (_, index) =>
      formatMessage(privacyTexts.retention.ask, { days: index + 1 }),
    ),
    requests: requests.map((request) => toRow(request, format)),
  };
}

/** Stored is what differs from the defaults; a value that an older version took may fit no more. */
function parsePayloadDays(stored: unknown): number {
  const { payload_days: given } = stored as { payload_days?: unknown };
  const parsed = shopSettings.safeParse(given === undefined ? {} : { payload_days: given });
  return parsed.success ? parsed.data.payload_days : shopSettings.parse({}).payload_days;
}

function toRow({ id, topic, receivedAt }: Request, format: Formatter): RequestRow {
  const due = new Date(receivedAt.getTime() + DUE_DAYS * DAY_MS);
  return {
    id: String(id),
    what: lookUp(privacyTexts.requests.topics, topic) ?? topic,
    received: format.moment(receivedAt),
    due: format.moment(due),
    isOverdue: due <= format.now,
  };
}
