import type { Formatter } from "#app/admin/shell/formatter.server.ts";
import type { ProblemFacts } from "#app/admin/shell/problems/read-problem-facts.server.ts";
import { BILLING_PAUSE } from "#app/events/billing-state.ts";
import { payloadIdentity } from "#app/events/encryption-identity.ts";
import { SENDABLE_SECONDS } from "#app/events/event-state.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { Decrypter } from "#app/platform/keyring.server.ts";
import type { Prisma } from "#prisma/client/client.ts";
import { homeTexts } from "./texts.ts";

export interface Guide {
  /** Steps that are done, without the one that only the browser can ask for. */
  done: number;
  /** `3 of 4 done`, by how many are. */
  progress: string[];
  isConnected: boolean;
  /** `example`: null as long as no order came. */
  ids: { isDone: boolean; format: string; example: string | null };
  event: { isDone: boolean; blockedBy: string | null };
}

type Tx = Prisma.TransactionClient;

/** What of a shop says how far it is set up. */
export interface GuideFacts {
  guide_hidden: boolean;
  ids_confirmed: boolean;
  /** The setting of that name. */
  product_id: string;
  has_accepted: boolean;
  has_passed: boolean;
}

/** Null: it was put away. Within a `readAsShop`. */
export async function readGuide(
  tx: Tx,
  keys: Decrypter,
  shopId: bigint,
  shop: GuideFacts,
  { connection }: Pick<ProblemFacts, "connection">,
): Promise<Guide | null> {
  if (shop.guide_hidden) return null;
  const { formats, template, format: formatText } = homeTexts.guide.ids;
  const known = lookUp(formats, shop.product_id);
  const name = known ?? formatMessage(template, { template: shop.product_id });
  const ids = await readProductIds(tx, keys, shopId);
  const isEventDone = shop.has_accepted || shop.has_passed;
  // Whether the theme embed is on, only the browser can ask: it adds that step.
  const all = 4;
  const steps = [connection !== null, shop.ids_confirmed, isEventDone];
  return {
    done: steps.filter((isDone) => isDone).length,
    progress: Array.from({ length: all + 1 }, (_, done) =>
      formatMessage(homeTexts.guide.progress, { done, all }),
    ),
    isConnected: connection !== null,
    ids: {
      isDone: shop.ids_confirmed,
      format: formatMessage(formatText, { format: name }),
      example: ids.length === 0 ? null : ids.join(", "),
    },
    event: {
      isDone: isEventDone,
      blockedBy: describeBlock(connection),
    },
  };
}

/** What has to be done before a test event can be sent; null: nothing. */
function describeBlock(connection: ProblemFacts["connection"]): string | null {
  const { needsConnection, isPaused, needsPlan, isFaulty, isRefused } = homeTexts.guide.event;
  if (connection === null) return needsConnection;
  if (connection.state === "active") return null;
  const ways = { merchant: isPaused, [BILLING_PAUSE]: needsPlan, internal: isFaulty };
  return lookUp(ways, connection.pauseReason) ?? isRefused;
}

/** What waits for a connection, and how long it can. */
export async function readKept(
  tx: Tx,
  shopId: bigint,
  { connection, waiting }: ProblemFacts,
  format: Formatter,
): Promise<string | null> {
  if (connection !== null || waiting === 0) return null;
  const rows = await tx.$queryRaw<{ n: bigint; first_bucket: Date | null }[]>`
    select coalesce(sum(n), 0)::bigint as n, min(bucket) as first_bucket from count_bucket
    where shop_id = ${shopId} and kind = 'checkout' and state in ('held', 'pending') and n > 0`;
  const [row] = rows;
  const n = Number(row?.n ?? 0);
  if (n === 0 || !row?.first_bucket) return null;
  const endsAt = new Date(row.first_bucket.getTime() + SENDABLE_SECONDS * 1_000);
  const date = format.day(format.dayOf(endsAt));
  return formatMessage(homeTexts.kept, { n, count: format.number(n), date });
}

interface Row {
  kind: string;
  source_key: string;
  body: Uint8Array;
}

const MOST_IDS = 3;

/** The product ids of the latest order whose content is kept, as they are sent; empty without one. */
async function readProductIds(
  tx: Prisma.TransactionClient,
  keys: Decrypter,
  shopId: bigint,
): Promise<string[]> {
  const rows = await tx.$queryRaw<Row[]>`
    select e.kind, e.source_key, p.body from (
      select id, kind, source_key, payload_drop_on, event_time from event
      where shop_id = ${shopId} and payload_drop_on is not null
      order by event_time desc, id desc limit 200) e
    join event_payload p on p.drop_on = e.payload_drop_on and p.event_ref = e.id
      and p.shop_id = ${shopId}
    where e.kind = 'checkout' order by e.event_time desc, e.id desc limit 1`;
  const [row] = rows;
  if (row === undefined) return [];
  try {
    const body = keys.decrypt(row.body, payloadIdentity(shopId, row.kind, row.source_key));
    const event = JSON.parse(body.toString("utf8")) as {
      custom_data?: { content_ids?: string[] };
    };
    return (event.custom_data?.content_ids ?? []).slice(0, MOST_IDS);
  } catch {
    // Its key is not among ENCRYPTION_KEYS: the page stands without an example.
    return [];
  }
}
