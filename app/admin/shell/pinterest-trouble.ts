import { formatMessage } from "#app/events/format-message.ts";
import { NOTICES } from "#app/events/notices/notices.ts";
import type { AskFailure, PinterestAccess } from "#app/events/pinterest-access.ts";

/** Why a card shows nothing, or only what was known before, and what to do. */
export interface CardTrouble {
  title: string;
  text: string;
  /** `retry`: the page may simply ask again. */
  action: { label: string; url: string } | "retry" | null;
}

const CONNECTION = "/app/settings/connection";

/** What stands in a card that needs Pinterest, by what may be asked; `{subject}` is the card's. */
const accessTexts = {
  none: {
    title: "This store is not connected to Pinterest",
    text: "Connect Pinterest to see {subject}. Orders are already being kept.",
    action: { label: "Connect Pinterest", url: CONNECTION },
  },
  pasted: {
    title: NOTICES.tags_closed.title,
    text: "Tokens from Ads Manager may only send events. Sign in with Pinterest to see {subject}.",
    action: { label: "Sign in with Pinterest", url: CONNECTION },
  },
  paused: {
    title: NOTICES.paused.title,
    text: "While it is paused, Pinterest is not asked for {subject}. What it told before stays here.",
    action: { label: "Open Pinterest connection", url: CONNECTION },
  },
} as const satisfies Record<Exclude<PinterestAccess, "signed_in">, CardTrouble>;

const notAnswering = {
  title: NOTICES.pinterest_down.title,
  text: "It could not be asked for {subject} just now. Sending continues in the background.",
  action: "retry",
} as const;

/** The words for each failure; `{subject}` is the card's. */
const failureTexts = {
  unauthorized: {
    title: NOTICES.connection_refused.title,
    text: "It refused the sign-in when it was asked for {subject}. This happens after a password change or withdrawn access.",
    action: { label: "Reconnect", url: CONNECTION },
  },
  forbidden: {
    title: "This Pinterest user can't see {subject} of the ad account",
    text: "Its role on the ad account is missing, or the sign-in was given fewer permissions. Sign in with a user who has access.",
    action: { label: "Open Pinterest connection", url: CONNECTION },
  },
  rate_limited: {
    title: NOTICES.rate_limited.title,
    text: "The limit of requests was reached when it was asked for {subject}. Try again in a minute.",
    action: "retry",
  },
  not_found: {
    title: "Pinterest does not know this ad account",
    text: "It was closed, or the store is now connected to another one.",
    action: { label: "Open Pinterest connection", url: CONNECTION },
  },
  invalid: notAnswering,
  unavailable: notAnswering,
  unreadable: {
    title: NOTICES.answer_unreadable.title,
    text: "Its answer about {subject} does not have the form that Pinterest describes.",
    action: "retry",
  },
  slow: {
    title: "Pinterest is slow to answer",
    text: "It has been asked for {subject}; the answer will be here when you try again.",
    action: "retry",
  },
} as const satisfies Record<AskFailure, CardTrouble>;

/** A card whose content did not come, for a fault of ours. */
export const cardFailed: CardTrouble = {
  title: "This could not be loaded",
  text: "Pinrelay's database did not answer. Sending continues in the background.",
  action: "retry",
};

/** Why a card lacks what Pinterest would have told it; null when nothing stands in the way. */
export function describeTrouble(
  { access, failure }: { access: PinterestAccess; failure: AskFailure | null },
  subject: string,
): CardTrouble | null {
  const texts =
    access !== "signed_in" ? accessTexts[access] : failure === null ? null : failureTexts[failure];
  if (texts === null) return null;
  return {
    title: formatMessage(texts.title, { subject }),
    text: formatMessage(texts.text, { subject }),
    action: texts.action,
  };
}
