import type { Formatter, Moment } from "#app/admin/shell/formatter.server.ts";
import { describeTrouble } from "#app/admin/shell/pinterest-trouble.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { formatMessage } from "#app/events/format-message.ts";
import { lookUp } from "#app/events/look-up.ts";
import { noticeParagraph, noticeText, type ShownNotice } from "#app/events/notices/notice.ts";
import type { AskFailure, PinterestAccess } from "#app/events/pinterest-access.ts";
import {
  isFiring,
  type NameFault,
  type PinterestTag,
  TAG_SWITCHES,
} from "#app/events/pinterest-tag.ts";
import type { Database } from "#app/platform/db.server.ts";
import { tagMatchWords, tagStatusWords, tagSwitchWords, tagsTexts } from "./texts.ts";

/** A tag in the list. */
export interface TagRow {
  id: string;
  name: string;
  status: TagStatus;
  match: string;
  /** Null: it never fired. */
  fired: Moment | null;
  isStoreTag: boolean;
}

export interface TagStatus {
  label: string;
  tone?: "success" | "warning";
}

export interface TagList {
  rows: TagRow[];
  trouble: ShownNotice | null;
  /** When Pinterest sent the list. */
  fetched: Moment | null;
  /** A tag fires that the store did not choose here. */
  hint: string | null;
}

export interface TagDetail {
  tag: {
    id: string;
    name: string;
    status: TagStatus;
    match: string;
    version: string;
    fired: Moment | null;
    switches: { label: string; value: string }[];
    code: string | null;
    isStoreTag: boolean;
  } | null;
  trouble: ShownNotice | null;
  fetched: Moment | null;
}

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
    hint:
      foreign === undefined ? null : formatMessage(tagsTexts.hint, { name: formatName(foreign) }),
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
    name: formatName(tag),
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

function formatName({ name }: PinterestTag): string {
  return name || shellTexts.unnamedTag;
}

/** The result of a choice: the toast and how to undo it, or why it failed. */
export interface ChoiceNotice {
  message: string | null;
  previous: string | null;
  error: string | null;
}

type Choice =
  | { kind: "chosen"; previous: string | null }
  | { kind: "unknown_tag" | "shopify_silent" }
  | { kind: "shopify_refused"; message: string };

const { detail, chooseErrors } = tagsTexts;

export function describeChoice(choice: Choice, tagId: string | null): ChoiceNotice {
  if (choice.kind === "chosen") {
    const message = tagId === null ? detail.unused : formatMessage(detail.used, { name: tagId });
    return { message, previous: choice.previous, error: null };
  }
  const message = choice.kind === "shopify_refused" ? choice.message : "";
  return {
    message: null,
    previous: null,
    error: formatMessage(chooseErrors[choice.kind], { message }),
  };
}

/** The result of creating a tag: its id, or why it failed. */
export interface CreationNotice {
  tagId: string | null;
  error: { field: "name" | null; text: string } | null;
}

type Creation =
  | { kind: "created"; tagId: string }
  | { kind: "lost" }
  | { kind: "refused"; why: AskFailure; message: string }
  | { kind: "closed"; access: PinterestAccess }
  | { kind: "unusable"; fault: NameFault | "form_unknown" };

const { formErrors } = tagsTexts;

export function describeCreation(creation: Creation): CreationNotice {
  switch (creation.kind) {
    case "created":
      return { tagId: creation.tagId, error: null };
    case "lost":
      return fault(formErrors.lost);
    case "refused":
      return fault(describeRefusal(creation));
    case "closed":
      return fault(describeClosed(creation.access));
    case "unusable": {
      const field = creation.fault === "form_unknown" ? null : "name";
      return { tagId: null, error: { field, text: formErrors[creation.fault] } };
    }
  }
}

function describeRefusal({ why, message }: { why: AskFailure; message: string }): string {
  if (why === "invalid") return formatMessage(formErrors.refused, { message });
  const trouble = describeTrouble({ access: "signed_in", failure: why }, tagsTexts.subject);
  return trouble === null ? "" : noticeParagraph(trouble);
}

function describeClosed(access: PinterestAccess): string {
  const trouble = describeTrouble({ access, failure: null }, tagsTexts.subject);
  return trouble === null ? "" : noticeText(trouble);
}

function fault(text: string): CreationNotice {
  return { tagId: null, error: { field: null, text } };
}

/** The tag that the store's theme is given; null when none was chosen. */
export async function readStoreTag(
  { db }: { db: Pick<Database, "readAsShop"> },
  shopId: bigint,
): Promise<string | null> {
  const shop = await db.readAsShop(shopId, (tx) =>
    tx.shop.findUnique({ where: { id: shopId }, select: { storeTagId: true } }),
  );
  return shop?.storeTagId ?? null;
}
