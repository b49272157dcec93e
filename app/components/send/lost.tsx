import { sendTexts } from "#app/texts/send/send.ts";
import { ResultCard } from "./result-card.tsx";

/** There was no answer, and all that was typed is still here. */
export function Lost({ answer }: { answer: unknown }) {
  const { failed, failedText } = sendTexts.result;
  return (
    <ResultCard tone="critical" title={failed} text={failedText} mode={null} answer={answer} />
  );
}
