import { EVENT_STATES } from "#app/events/event-state.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Prisma } from "#prisma/client/client.ts";
import type { CheckRow } from "./read-checks.server.ts";
import { helpTexts } from "./texts.ts";

interface ReportServices {
  db: Pick<Database, "readAsShop">;
  config: {
    SCOPES: readonly string[];
    PINTEREST_API_URL: string;
    SHOPIFY_SANDBOX_URL?: string | undefined;
  };
}

interface AttemptRow {
  started_at: Date;
  outcome: string;
  http_status: number | null;
  pinterest_code: number | null;
  message: string | null;
  events: number;
}

const LAST_ERRORS = 10;
/** The page learns these from Shopify after the report is made, which has what is stored of both. */
const ASKED_LATER: ReadonlySet<CheckRow["id"]> = new Set(["scopes", "embed"]);

/**
 * What the operator needs to know of a shop, as text: versions, states, counts, the last
 * errors. Pinterest's words are stored without personal data and tokens; nothing else here has any.
 */
export async function buildReport(
  { db, config }: ReportServices,
  shop: { id: bigint; domain: string; settingsVersion: number },
  { checks, now }: { checks: readonly CheckRow[]; now: Date },
): Promise<string> {
  const facts = await db.readAsShop(shop.id, (tx) => readFacts(tx, shop.id));
  const lines = [
    "Pinrelay report",
    `made          ${now.toISOString()}`,
    `node          ${process.versions.node}`,
    `postgres      ${facts.postgres}`,
    `pinterest     ${new URL(config.PINTEREST_API_URL).host}`,
    `shopify       ${config.SHOPIFY_SANDBOX_URL === undefined ? "Shopify" : "sandbox"}`,
    `shop          ${shop.domain}`,
    `settings      version ${shop.settingsVersion}`,
    `scopes        ${facts.scopes || "not known"}`,
    `needed        ${config.SCOPES.join(",")}`,
    `connection    ${facts.connection}`,
    `last webhook  ${facts.lastWebhookAt?.toISOString() ?? "never"}`,
    `web pixel     ${facts.pixel}`,
    `last pixel    ${facts.lastPixelAt?.toISOString() ?? "never"}`,
    `last embed    ${facts.lastEmbedAt?.toISOString() ?? "never"}`,
    "",
    "Checks",
    ...checks
      .filter(({ id, result }) => result !== "unknown" || !ASKED_LATER.has(id))
      .map(describeCheck),
    "",
    "Events of 7 days by state",
    ...EVENT_STATES.flatMap((state) => {
      const n = facts.counts.get(state);
      return n === undefined ? [] : [`  ${state.padEnd(10)} ${n}`];
    }),
    "",
    `Last ${LAST_ERRORS} requests that failed or were refused in part`,
    ...facts.attempts.map(describeAttempt),
    ...(facts.attempts.length === 0 ? ["  none"] : []),
    "",
    "Reasons of refused events in 7 days",
    ...facts.reasons.map(({ n, reason }) => `  ${n}  ${reason ?? "no reason given"}`),
    ...(facts.reasons.length === 0 ? ["  none"] : []),
  ];
  return `${lines.join("\n")}\n`;
}

function describeCheck({ id, result, text }: CheckRow): string {
  const word = helpTexts.check.results[result];
  return `  ${word.padEnd(9)} ${helpTexts.check.labels[id]}: ${text}`;
}

function describeAttempt(row: AttemptRow): string {
  const { started_at: at, outcome, http_status: status, pinterest_code: code } = row;
  const answer = `HTTP ${status ?? "-"}, code ${code ?? "-"}`;
  return `  ${at.toISOString()} ${outcome}, ${answer}, ${row.events} events: ${row.message ?? ""}`;
}

async function readFacts(tx: Prisma.TransactionClient, shopId: bigint) {
  const shop = await tx.shop.findUniqueOrThrow({
    where: { id: shopId },
    select: {
      scopes: true,
      lastWebhookAt: true,
      webPixelId: true,
      webPixelFault: true,
      lastPixelAt: true,
      lastEmbedAt: true,
      connection: {
        select: { adAccountId: true, state: true, pauseReason: true, kind: true },
      },
    },
  });
  const version = await tx.$queryRaw<
    { v: string }[]
  >`select current_setting('server_version') as v`;
  const counts = await tx.$queryRaw<{ state: string; n: bigint }[]>`
    select state, sum(n)::bigint as n from count_bucket
    where shop_id = ${shopId} and bucket > now() - interval '7 days' group by state`;
  const attempts = await tx.$queryRaw<AttemptRow[]>`
    select started_at, outcome, http_status, pinterest_code, message, events from attempt
    where shop_id = ${shopId} and made_on > current_date - 8
      and (outcome <> 'outcomes' or message is not null)
    order by id desc limit ${LAST_ERRORS}`;
  const reasons = await tx.$queryRaw<{ reason: string | null; n: bigint }[]>`
    select reason, count(*) as n from event where shop_id = ${shopId} and state = 'rejected'
      and event_time > extract(epoch from now() - interval '7 days')::bigint
    group by reason order by n desc, reason limit ${LAST_ERRORS}`;
  const { connection, scopes, lastWebhookAt, lastPixelAt, lastEmbedAt } = shop;
  const fault = shop.webPixelFault === null ? "" : ` (${shop.webPixelFault})`;
  return {
    scopes,
    lastWebhookAt,
    lastPixelAt,
    lastEmbedAt,
    pixel: `${shop.webPixelId ?? "none"}${fault}`,
    connection:
      connection === null
        ? "none"
        : `${connection.state}${connection.pauseReason === null ? "" : ` (${connection.pauseReason})`}, ${connection.kind}, ad account ${connection.adAccountId}`,
    postgres: version[0]?.v ?? "",
    counts: new Map(counts.map(({ state, n }) => [state, n])),
    attempts,
    reasons,
  };
}
