import type { BrowserFacts } from "#app/admin/shell/problems/browser-problems.server.ts";
import { chooseBanner, listProblems } from "#app/admin/shell/problems/list-problems.server.ts";
import {
  type ProblemFacts,
  readProblemFacts,
} from "#app/admin/shell/problems/read-problem-facts.server.ts";
import type { Notice, Problem, ShownNotice } from "#app/events/notices/notice.ts";
import { NOTICES } from "#app/events/notices/notices.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Formatter, Moment } from "./formatter.server.ts";
import { shellTexts } from "./texts.ts";

export type BadgeTone = "success" | "attention" | "warning" | "critical" | "info";

/** The state of the shop, which every page shows. */
export interface Status {
  /** Whether it is sending right now. Without a tone, it is neither good nor bad. */
  badge: { label: string; tone?: BadgeTone };
  /** Badges for data that isn't live: a demo store, a test API. */
  marks: string[];
  /** The one banner of the page: the worst current problem. */
  banner: StatusBanner | null;
  updatedAt: Moment;
  /** `GMT-5 (New York)` */
  zone: string;
}

type StatusBanner = Notice & ShownNotice & { tone: Problem["severity"] };

interface StatusConfig extends MarkConfig {
  SCOPES: readonly string[];
}

interface MarkConfig {
  PINTEREST_API_URL: string;
  /** Set: a local stand-in takes Shopify's place. */
  SHOPIFY_SANDBOX_URL?: string | undefined;
}

interface StatusServices {
  db: Pick<Database, "readAsShop">;
  config: StatusConfig;
}

interface StatusReader {
  shop: { id: bigint };
  format: Formatter;
}

/** Reads the state of a shop, for the head of every page. */
export async function readStatus(services: StatusServices, reader: StatusReader): Promise<Status> {
  return (await readStatusAndProblems(services, reader)).status;
}

/** Reads the same with all problems, for a page that shows more than the worst one. */
export async function readStatusAndProblems(
  { db, config }: StatusServices,
  { shop, format }: StatusReader,
): Promise<{ status: Status; problems: Problem[]; browser: BrowserFacts }> {
  const facts = await db.readAsShop(shop.id, (tx) => readProblemFacts(tx, shop.id));
  const problems = listProblems(facts, config.SCOPES, format);
  const status = describeStatus({ facts, problems }, config, format);
  return { status, problems, browser: facts.browser };
}

/** Describes the state from facts and problems that are known already. */
export function describeStatus(
  { facts, problems }: { facts: ProblemFacts; problems: readonly Problem[] },
  config: MarkConfig,
  format: Formatter,
): Status {
  return {
    badge: chooseBadge(facts, problems),
    marks: listEnvironmentBadges(config),
    banner: toBanner(chooseBanner(problems)),
    updatedAt: format.relative(format.now),
    zone: format.zone(),
  };
}

const { badges } = shellTexts;

function listEnvironmentBadges({ PINTEREST_API_URL, SHOPIFY_SANDBOX_URL }: MarkConfig): string[] {
  const marks: string[] = [];
  if (SHOPIFY_SANDBOX_URL !== undefined) marks.push(badges.demo);
  if (new URL(PINTEREST_API_URL).hostname !== "api.pinterest.com") marks.push(badges.testApi);
  return marks;
}

function chooseBadge({ connection }: ProblemFacts, problems: readonly Problem[]): Status["badge"] {
  if (connection === null) return { label: badges.notConnected };
  if (connection.state === "paused") {
    return connection.pauseReason === "merchant"
      ? { label: badges.paused, tone: "warning" }
      : { label: badges.attention, tone: "critical" };
  }
  return problems.some(({ id }) => id === NOTICES.sending_late.id)
    ? { label: badges.late, tone: "attention" }
    : { label: badges.sending, tone: "success" };
}

function toBanner(problem: Problem | null): StatusBanner | null {
  if (problem === null) return null;
  const { id, severity: tone, title, cause, nextStep, action } = problem;
  return { id, tone, title, cause, nextStep, action };
}
