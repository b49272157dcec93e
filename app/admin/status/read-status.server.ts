import type { Formatter } from "#app/admin/format/formatter.server.ts";
import {
  type ProblemFacts,
  readProblemFacts,
} from "#app/admin/problems/read-problem-facts.server.ts";
import { chooseBanner, judgeProblems } from "#app/admin/problems/read-problems.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import type { Problem } from "#app/texts/problem.ts";
import { problemTexts } from "#app/texts/problems.ts";
import { shellTexts } from "#app/texts/shell.ts";
import type { Status, StatusBanner } from "#app/texts/status.ts";

interface StatusConfig {
  PINTEREST_API_URL: string;
  SCOPES: readonly string[];
}

interface StatusServices {
  db: Pick<Database, "readAsShop">;
  config: StatusConfig;
}

/** How it is with a shop, for the head of every page. */
export async function readStatus(
  { db, config }: StatusServices,
  { shop, format }: { shop: { id: bigint }; format: Formatter },
): Promise<Status> {
  const facts = await db.readAsShop(shop.id, (tx) => readProblemFacts(tx, shop.id));
  return describeStatus(facts, config, format);
}

/** The same of facts that were read already. */
export function describeStatus(
  facts: ProblemFacts,
  config: StatusConfig,
  format: Formatter,
): Status {
  const problems = judgeProblems(facts, config.SCOPES, format);
  return {
    badge: badgeOf(facts, problems),
    isTestApi: new URL(config.PINTEREST_API_URL).hostname !== "api.pinterest.com",
    banner: toBanner(chooseBanner(problems)),
    updatedAt: format.relative(format.now),
    zone: format.zone(),
  };
}

const { badges } = shellTexts;

function badgeOf({ connection }: ProblemFacts, problems: readonly Problem[]): Status["badge"] {
  if (connection === null) return { label: badges.notConnected };
  if (connection.state === "paused") {
    return connection.pauseReason === "merchant"
      ? { label: badges.paused, tone: "warning" }
      : { label: badges.attention, tone: "critical" };
  }
  return problems.some(({ id }) => id === problemTexts.sendingLate.id)
    ? { label: badges.late, tone: "attention" }
    : { label: badges.sending, tone: "success" };
}

/** What is mended with a button is mended on the first page. */
function toBanner(problem: Problem | null): StatusBanner | null {
  if (problem === null) return null;
  const { id, severity: tone, title, cause, nextStep, action } = problem;
  const url = action !== null && "url" in action ? action.url : "/app";
  return {
    id,
    tone,
    title,
    text: `${cause} ${nextStep}`,
    action: action === null ? null : { label: action.label, url },
  };
}
