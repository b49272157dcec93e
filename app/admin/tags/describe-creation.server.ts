import { describeTrouble } from "#app/admin/shell/describe-trouble.server.ts";
import { say } from "#app/admin/shell/format/say.ts";
import type { AskFailure, PinterestAccess } from "#app/events/pinterest-access.ts";
import type { NameFault } from "#app/events/pinterest-tag.ts";
import { tagsTexts } from "./texts.ts";

/** The end of making a tag: its number, or what kept it from being made. */
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
      return fault(describeTrouble({ ...creation, failure: null }, tagsTexts.subject)?.text ?? "");
    case "unusable": {
      const field = creation.fault === "form_unknown" ? null : "name";
      return { tagId: null, error: { field, text: formErrors[creation.fault] } };
    }
  }
}

function describeRefusal({ why, message }: { why: AskFailure; message: string }): string {
  if (why === "invalid") return say(formErrors.refused, { message });
  const trouble = describeTrouble({ access: "signed_in", failure: why }, tagsTexts.subject);
  return `${trouble?.title}. ${trouble?.text}`;
}

function fault(text: string): CreationNotice {
  return { tagId: null, error: { field: null, text } };
}
