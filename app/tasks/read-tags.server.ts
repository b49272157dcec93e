import { formatNotice } from "#app/events/notices/format-notice.ts";
import { noticeLine } from "#app/events/notices/notice.ts";
import type { ConversionTag } from "#app/pinterest/answers.server.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { PinterestError, Result } from "#app/pinterest/result.server.ts";
import type { DirectTarget, Target } from "./choose-target.server.ts";
import {
  isInTime,
  type RetryBudget,
  readingError,
  retryPauseMs,
  slowDownMs,
} from "./pinterest-failure.server.ts";
import {
  demoExchange,
  type FailureDocument,
  type TagDocument,
  type TagsDocument,
} from "./task-document.server.ts";

interface TagServices extends RetryBudget {
  pinterest: () => Promise<Pick<PinterestClient, "listTags" | "getTag">>;
  apiUrl: string;
}

type TagTarget = Exclude<Target, { kind: "outbox" }>;

const LIST = "list_conversion_tags";
const ONE = "get_conversion_tag";

/** The tags of an ad account, with Pinterest's own fields. */
export async function listTags(
  services: TagServices,
  target: TagTarget,
): Promise<TagsDocument | FailureDocument> {
  const { adAccountId } = target;
  const done = { task: LIST, demo: false, ok: true, ad_account_id: adAccountId } as const;
  if (target.kind === "demo") {
    const tags = sampleTags(adAccountId, services.nowMs());
    const path = `/ad_accounts/${adAccountId}/conversion_tags`;
    const requests = [demoExchange(services.apiUrl, { path, answer: { items: tags } })];
    return { ...done, demo: true, tags, requests };
  }
  const pinterest = await services.pinterest();
  const read = await askInTime(services, () => pinterest.listTags(target));
  if (!read.ok) return { task: LIST, ok: false, error: readingError(target, read.error, null) };
  return { ...done, tags: read.value, ...(read.value.length === 0 ? noTags(target) : {}) };
}

/** One tag of an ad account, with Pinterest's own fields. */
export async function getTag(
  services: TagServices,
  target: TagTarget,
  tagId: string,
): Promise<TagDocument | FailureDocument> {
  const { adAccountId } = target;
  const done = { task: ONE, demo: false, ok: true, ad_account_id: adAccountId } as const;
  if (target.kind === "demo") {
    const tag = sampleTag(adAccountId, tagId, services.nowMs());
    const path = `/ad_accounts/${adAccountId}/conversion_tags/${tagId}`;
    return {
      ...done,
      demo: true,
      tag,
      requests: [demoExchange(services.apiUrl, { path, answer: tag })],
    };
  }
  const pinterest = await services.pinterest();
  const read = await askInTime(services, () => pinterest.getTag({ ...target, tagId }));
  if (!read.ok) return { task: ONE, ok: false, error: readingError(target, read.error, tagId) };
  return { ...done, tag: read.value };
}

function noTags({ adAccountId: account }: DirectTarget): { note: string } {
  const notice = formatNotice("no_tags", { account });
  return { note: `${noticeLine(notice)} ${notice.nextStep}` };
}

/** Asks until there is an answer that asking again would not change, or the budget is used up. */
async function askInTime<Value>(
  budget: RetryBudget,
  ask: () => Promise<Result<Value>>,
): Promise<Result<Value>> {
  for (let attempts = 0; ; attempts += 1) {
    const read = await ask();
    const pauseMs = read.ok ? null : pauseAfter(budget, read.error, attempts);
    if (pauseMs === null || !isInTime(budget, pauseMs)) return read;
    await budget.wait(pauseMs);
  }
}

function pauseAfter(
  budget: RetryBudget,
  { kind, retryAfterSeconds }: PinterestError,
  attempts: number,
): number | null {
  if (kind === "rate_limited") return slowDownMs(attempts, retryAfterSeconds);
  const isPassing = kind === "unavailable" || kind === "unreadable";
  return isPassing ? retryPauseMs(budget, attempts, retryAfterSeconds) : null;
}

const HOUR_MS = 60 * 60 * 1_000;

const IN_USE = "2617998078212";
const NEVER_FIRED = "2613047725493";

/** Two tags as Pinterest describes them, for demo mode: one in use, one that never fired. */
function sampleTags(adAccountId: string, nowMs: number): ConversionTag[] {
  const unused = sampleTag(adAccountId, NEVER_FIRED, nowMs);
  return [
    sampleTag(adAccountId, IN_USE, nowMs),
    {
      ...unused,
      name: "Landing pages",
      enhanced_match_status: "UNKNOWN",
      last_fired_time_ms: null,
    },
  ];
}

/** A tag in use. */
function sampleTag(adAccountId: string, id: string, nowMs: number): ConversionTag {
  return {
    id,
    ad_account_id: adAccountId,
    name: "Online store",
    status: "ACTIVE",
    version: "3",
    code_snippet: `<script type="text/javascript">pintrk('load', '${id}'); pintrk('page');</script>`,
    enhanced_match_status: "VALIDATION_COMPLETE",
    last_fired_time_ms: nowMs - HOUR_MS,
    configs: { aem_enabled: true, md_frequency: 1 },
  };
}
