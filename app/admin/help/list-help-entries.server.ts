import { say } from "#app/admin/shell/format/say.ts";
import { MERCHANT_ERRORS } from "#app/events/merchant-errors.ts";
import { anyValue, symptoms } from "./texts.ts";
import type { HelpEntry } from "./view.ts";

/** Everything that can go wrong, by what a merchant sees: symptoms first, then each known problem. */
export function listHelpEntries(): HelpEntry[] {
  return [
    ...symptoms.map((symptom) => ({
      ...symptom,
      isSymptom: true,
      paragraphs: [...symptom.paragraphs],
    })),
    ...names().map(describeEntry),
  ];
}

type Name = keyof typeof MERCHANT_ERRORS;

function names(): Name[] {
  return (Object.keys(MERCHANT_ERRORS) as Name[]).toSorted((left, right) =>
    MERCHANT_ERRORS[left].id.localeCompare(MERCHANT_ERRORS[right].id),
  );
}

/** Of no case in particular: the blanks say so. */
function describeEntry(name: Name): HelpEntry {
  const { id, title, cause, nextStep } = MERCHANT_ERRORS[name];
  const fill = (text: string) => capital(say(text, anyValue));
  return {
    id,
    isSymptom: false,
    title: fill(title),
    paragraphs: [`${fill(cause)}.`, fill(nextStep)],
  };
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
