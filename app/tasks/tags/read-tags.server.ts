import { describeMerchantError } from "#app/events/merchant-errors.ts";
import type { PinterestClient } from "#app/pinterest/client.server.ts";
import type { PinterestError, Result } from "#app/pinterest/result.server.ts";
import type { DirectTarget, Target } from "#app/tasks/choose-target.server.ts";
import { demoExchange } from "#app/tasks/demo-exchange.server.ts";
import { isInTime, type Patience, retryPauseMs, slowDownMs } from "#app/tasks/patience.server.ts";
import { readingError } from "#app/tasks/pinterest-failure.server.ts";
import type {
  FailureDocument,
  TagDocument,
  TagsDocument,
} from "#app/tasks/task-document.server.ts";
import { sampleTag, sampleTags } from "./sample-tags.server.ts";

export interface TagServices extends Patience {
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
  const { title, cause, nextStep } = describeMerchantError("no_tags", { account });
  return { note: `${title}: ${cause}. ${nextStep}` };
}

/** Asks until there is an answer that asking again would not change, or patience is at its end. */
async function askInTime<Value>(
  patience: Patience,
  ask: () => Promise<Result<Value>>,
): Promise<Result<Value>> {
  for (let attempts = 0; ; attempts += 1) {
    const read = await ask();
    const pauseMs = read.ok ? null : pauseAfter(patience, read.error, attempts);
    if (pauseMs === null || !isInTime(patience, pauseMs)) return read;
    await patience.wait(pauseMs);
  }
}

function pauseAfter(
  patience: Patience,
  { kind, retryAfterSeconds }: PinterestError,
  attempts: number,
): number | null {
  if (kind === "rate_limited") return slowDownMs(attempts, retryAfterSeconds);
  const isPassing = kind === "unavailable" || kind === "unreadable";
  return isPassing ? retryPauseMs(patience, attempts, retryAfterSeconds) : null;
}
