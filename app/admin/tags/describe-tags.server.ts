import { describeTrouble } from "#app/admin/shell/describe-trouble.server.ts";
import type { Formatter } from "#app/admin/shell/format/formatter.server.ts";
import { say } from "#app/admin/shell/format/say.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { lookUp } from "#app/events/look-up.ts";
import type { AskFailure, PinterestAccess } from "#app/events/pinterest-access.ts";
import { isFiring, type PinterestTag, TAG_SWITCHES } from "#app/events/pinterest-tag.ts";
import {
  type TagDetail,
  type TagList,
  type TagRow,
  type TagStatus,
  tagMatchWords,
  tagStatusWords,
  tagSwitchWords,
  tagsTexts,
} from "./texts.ts";

interface Known {
  access: PinterestAccess;
  failure: AskFailure | null;
  fetchedAt: Date | null;
}

/** What the list of tags shows. */
export function describeTags(
  known: Known & { tags: PinterestTag[] | null },
  storeTagId: string | null,
  format: Formatter,
): TagList {
  const rows = (known.tags ?? []).map((tag) => describeRow(tag, storeTagId, format));
  const foreign = (known.tags ?? []).find(
    (tag) => tag.id !== storeTagId && isFiring(tag, format.now.getTime()),
  );
  return {
    rows,
    trouble: describeTrouble(known, tagsTexts.subject),
    fetched: known.fetchedAt && format.relative(known.fetchedAt),
    hint: foreign === undefined ? null : say(tagsTexts.hint, { name: nameOf(foreign) }),
  };
}

/** What the page of one tag shows. */
export function describeTag(
  known: Known & { tag: PinterestTag | null },
  storeTagId: string | null,
  format: Formatter,
): TagDetail {
  const { tag } = known;
  const trouble = describeTrouble(known, tagsTexts.subject);
  const fetched = known.fetchedAt && format.relative(known.fetchedAt);
  if (tag === null) return { tag: null, trouble, fetched };
  const switches = TAG_SWITCHES.map((name) => ({
    label: tagSwitchWords[name],
    value: switchWord(tag.switches[name]),
  }));
  const version = tag.version ?? tagsTexts.notKnown;
  const row = describeRow(tag, storeTagId, format);
  return { tag: { ...row, version, switches, code: tag.codeSnippet }, trouble, fetched };
}

function describeRow(tag: PinterestTag, storeTagId: string | null, format: Formatter): TagRow {
  return {
    id: tag.id,
    name: nameOf(tag),
    status: describeStatus(tag.status),
    match: describeMatch(tag.enhancedMatch),
    fired: tag.lastFiredMs === null ? null : format.relative(new Date(tag.lastFiredMs)),
    isStoreTag: tag.id === storeTagId,
  };
}

function describeStatus(status: string | null): TagStatus {
  if (status === null) return { label: tagsTexts.notKnown };
  return lookUp(tagStatusWords, status) ?? { label: status };
}

function describeMatch(match: string | null): string {
  if (match === null) return tagsTexts.notKnown;
  return lookUp(tagMatchWords, match) ?? match;
}

function switchWord(value: boolean | null): string {
  if (value === null) return tagsTexts.notKnown;
  return value ? tagsTexts.detail.on : tagsTexts.detail.off;
}

function nameOf({ name }: PinterestTag): string {
  return name || shellTexts.unnamedTag;
}
