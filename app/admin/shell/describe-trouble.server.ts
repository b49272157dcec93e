import { say } from "#app/admin/shell/format/say.ts";
import type { AskFailure, PinterestAccess } from "#app/events/pinterest-access.ts";
import { accessTexts, type CardTrouble, failureTexts } from "./pinterest-trouble.ts";

/** Why a card lacks what Pinterest would have told it; null when nothing stands in the way. */
export function describeTrouble(
  { access, failure }: { access: PinterestAccess; failure: AskFailure | null },
  subject: string,
): CardTrouble | null {
  const texts =
    access !== "signed_in" ? accessTexts[access] : failure === null ? null : failureTexts[failure];
  if (texts === null) return null;
  return {
    title: say(texts.title, { subject }),
    text: say(texts.text, { subject }),
    action: texts.action,
  };
}
