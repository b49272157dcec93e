import { describeTrouble } from "#app/admin/shell/describe-trouble.server.ts";
import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import type { Database } from "#app/platform/db.server.ts";
import { describeShares } from "./describe-shares.server.ts";
import { describeSigns } from "./describe-signs.server.ts";
import { type DuplicatesView, duplicatesTexts } from "./duplicates-texts.ts";
import { readRecentSums } from "./read-recent-sums.server.ts";
import { readStoredFacts } from "./read-stored-facts.server.ts";
import { qualityTexts } from "./texts.ts";

const texts = duplicatesTexts;

/** What the duplicate check shows, from what is stored; nothing is asked or written. */
export async function readDuplicates(
  services: { db: Pick<Database, "readAsShop"> },
  shopId: bigint,
  format: Formatter,
): Promise<DuplicatesView> {
  const facts = await readStoredFacts(services, shopId);
  const recent = await readRecentSums(services, shopId, format);
  const signs = describeSigns(facts, format);
  const words = new Set(signs.map(({ word }) => word));
  const fetchedAt = facts.scores["14d"]?.fetchedAt ?? null;
  const verdict = verdictOf(words);
  return {
    verdict: texts.verdicts[verdict],
    verdictText: texts.verdictTexts[verdict],
    signs,
    ...describeShares(recent, format),
    trouble: describeTrouble({ access: facts.access, failure: null }, qualityTexts.subject),
    fetched: fetchedAt && format.moment(fetchedAt),
  };
}

/** Silence is no proof: a place that could not be looked at leaves the answer open. */
function verdictOf(words: ReadonlySet<string>): keyof typeof texts.verdicts {
  if (words.has(texts.words.seen)) return "seen";
  if (words.has(texts.words.likely)) return "likely";
  return words.has(texts.words.cantTell) ? "cantTell" : "notSeen";
}
