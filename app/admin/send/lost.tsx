import { ResultCard } from "./result-card.tsx";
import { sendTexts } from "./texts.ts";

/** There was no answer, and all that was typed is still here. */
export function Lost({ answer }: { answer: unknown }) {
  const { failed, failedText } = sendTexts.result;
  return (
    <ResultCard tone="critical" title={failed} text={failedText} mode={null} answer={answer} />
  );
}
