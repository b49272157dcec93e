import { formatMessage } from "#app/events/format-message.ts";
import { NOTICES, type NoticeName } from "#app/events/notices/notices.ts";
import { anyValue, symptoms } from "./texts.ts";

/** A text that a merchant may search for. */
export interface HelpEntry {
  id: string;
  /** A symptom, which has no message of ours. */
  isSymptom: boolean;
  title: string;
  paragraphs: string[];
}

/**
 * Everything that can go wrong, by what a merchant sees: symptoms first, then each known problem.
 */
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

function names(): NoticeName[] {
  return (Object.keys(NOTICES) as NoticeName[]).toSorted((left, right) =>
    NOTICES[left].id.localeCompare(NOTICES[right].id),
  );
}

/** The entry in general words: its blanks are filled from `anyValue`. */
function describeEntry(name: NoticeName): HelpEntry {
  const { id, title, cause, nextStep } = NOTICES[name];
  const fill = (text: string) => capital(formatMessage(text, anyValue));
  return {
    id,
    isSymptom: false,
    title: fill(title),
    paragraphs: [fill(cause), fill(nextStep)],
  };
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
