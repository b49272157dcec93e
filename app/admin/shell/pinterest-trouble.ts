import { formatNotice } from "#app/events/notices/format-notice.ts";
import type { NoticeWords, ShownNotice } from "#app/events/notices/notice.ts";
import { type NoticeKey, noticeTexts } from "#app/events/notices/notices.ts";
import type { AskFailure, PinterestAccess } from "#app/events/pinterest-access.ts";
import { shellTexts } from "./texts.ts";

const CONNECTION = "/app/settings/connection";
const RETRY = { label: shellTexts.tryAgain, intent: "retry" } as const;

/** The notice of a card that needs Pinterest, by the shop's access; `{subject}` is the card's. */
const ACCESS_NOTICES = {
  none: "not_connected.card",
  pasted: "tags_closed.card",
  paused: "paused.card",
} as const satisfies Record<Exclude<PinterestAccess, "signed_in">, NoticeKey>;

const FAILURE_NOTICES = {
  unauthorized: "connection_refused.card",
  forbidden: "role_missing.card",
  rate_limited: "rate_limited.card",
  not_found: "account_unknown.card",
  invalid: "pinterest_down.card",
  unavailable: "pinterest_down.card",
  unreadable: "answer_unreadable.card",
  slow: "pinterest_down.slow",
} as const satisfies Record<AskFailure, NoticeKey>;

/** The notice of a card whose content failed to load through a fault of ours. */
export const cardFailed: ShownNotice = { ...noticeTexts("page_failed.card"), action: RETRY };

/** Explains why a card lacks Pinterest's data; null when nothing prevents it. */
export function describeTrouble(
  { access, failure }: { access: PinterestAccess; failure: AskFailure | null },
  subject: string,
): ShownNotice | null {
  const key =
    access !== "signed_in"
      ? ACCESS_NOTICES[access]
      : failure === null
        ? null
        : FAILURE_NOTICES[failure];
  if (key === null) return null;
  const notice: NoticeWords & { action?: string } = formatNotice(key, { subject });
  const { action: label } = notice;
  return { ...notice, action: label === undefined ? RETRY : { label, url: CONNECTION } };
}
