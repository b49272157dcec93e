import { nameOfSource } from "#app/admin/shell/describe-setting.server.ts";
import type { Formatter } from "#app/admin/shell/formatter.server.ts";
import { formatMessage } from "#app/events/format-message.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Prisma } from "#prisma/client/client.ts";
import { eventsTexts, settingsTexts, sourceTexts } from "./texts.ts";

export interface OrderSource {
  /** Shopify's `source_name`; `other`: those without a rule of their own. */
  name: string;
  label: string;
  count: string;
}

/** What a merchant sees beside the settings: how much of their store each of them is about. */
export interface SettingsHints {
  /** By Pinterest's event name. */
  weekCounts: Record<string, string>;
  sources: OrderSource[];
  appliesTo: string;
}

const KINDS = [
  "checkout",
  "initiate_checkout",
  "signup",
  "add_payment_info",
  "page_visit",
  "view_category",
  "search",
  "add_to_cart",
] as const;

/** Sources that are not sales channels: events sent by hand, by API or by Flow. */
const BY_HAND = ["task", "api", "flow", "admin"];
/** Listed before they are seen. */
const USUAL_SOURCES = ["web", "pos"];

type Counts = Map<string, bigint>;

/** `rules`: sources that have a rule, listed whether orders came from them or not. */
export async function readSettingsHints(
  { db }: { db: Pick<Database, "readAsShop"> },
  { shop, format }: { shop: { id: bigint }; format: Formatter },
  rules: readonly string[],
): Promise<SettingsHints> {
  const facts = await db.readAsShop(shop.id, async (tx) => ({
    kinds: await countKinds(tx, shop.id),
    sources: await countSources(tx, shop.id),
    waiting: await countWaiting(tx, shop.id),
  }));
  const week = KINDS.map((kind) => [
    kind,
    formatMessage(eventsTexts.week, { n: format.number(Number(facts.kinds.get(kind) ?? 0n)) }),
  ]);
  return {
    weekCounts: Object.fromEntries(week),
    sources: listSources(facts.sources, rules),
    appliesTo: formatMessage(settingsTexts.appliesTo, { n: Number(facts.waiting) }, format.locale),
  };
}

async function countKinds(tx: Prisma.TransactionClient, shopId: bigint): Promise<Counts> {
  const rows = await tx.$queryRaw<{ name: string; n: bigint }[]>`
    select kind as name, sum(n)::bigint as n from count_bucket
    where shop_id = ${shopId} and bucket > now() - interval '7 days' group by kind`;
  return toCounts(rows);
}

async function countSources(tx: Prisma.TransactionClient, shopId: bigint): Promise<Counts> {
  const rows = await tx.$queryRaw<{ name: string; n: bigint }[]>`
    select source as name, sum(n)::bigint as n from count_bucket
    where shop_id = ${shopId} and kind = 'checkout' and bucket > now() - interval '30 days'
    group by source having sum(n) > 0`;
  return toCounts(rows);
}

/** Nothing waits longer than the seven days in which Pinterest takes an event. */
async function countWaiting(tx: Prisma.TransactionClient, shopId: bigint): Promise<bigint> {
  const rows = await tx.$queryRaw<{ n: bigint }[]>`
    select coalesce(sum(n), 0)::bigint as n from count_bucket
    where shop_id = ${shopId} and state in ('held', 'pending')
      and bucket > now() - interval '8 days'`;
  return rows[0]?.n ?? 0n;
}

function toCounts(rows: readonly { name: string; n: bigint }[]): Counts {
  return new Map(rows.map(({ name, n }) => [name, n]));
}

function listSources(counts: Counts, rules: readonly string[]): OrderSource[] {
  const seen = [...counts.keys()].sort();
  const names = new Set([...USUAL_SOURCES, ...rules, ...seen].filter((name) => name !== "other"));
  const sources = [...names].filter((name) => !BY_HAND.includes(name));
  return [...sources, "other"].map((name) => ({
    name,
    label: nameOfSource(name),
    count:
      name === "other"
        ? ""
        : formatMessage(sourceTexts.month, { n: Number(counts.get(name) ?? 0n) }),
  }));
}
