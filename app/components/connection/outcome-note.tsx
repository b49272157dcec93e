import type { ConnectionOutcome } from "#app/texts/connection-page.ts";
import { Note } from "./note.tsx";

/** Where a button's result is said, in the card it belongs to. */
export function OutcomeNote({ outcome }: { outcome: ConnectionOutcome | null }) {
  return (
    <div aria-live="polite">
      {outcome?.kind === "trouble" && (
        <Note tone="critical" title={outcome.title} text={outcome.text} />
      )}
      {outcome?.kind === "wait" && <Note tone="info" text={outcome.text} />}
    </div>
  );
}
