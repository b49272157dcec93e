import { say } from "#app/admin/shell/format/say.ts";
import { tagsTexts } from "./texts.ts";

/** The end of a choice: what a toast says and what undoes it, or what kept it from being made. */
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
    const message = tagId === null ? detail.unused : say(detail.used, { name: tagId });
    return { message, previous: choice.previous, error: null };
  }
  const message = choice.kind === "shopify_refused" ? choice.message : "";
  return { message: null, previous: null, error: say(chooseErrors[choice.kind], { message }) };
}
