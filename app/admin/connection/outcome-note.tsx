import { Box } from "@shopify/polaris";
import { Note } from "#app/admin/shell/note.tsx";
import type { ConnectionOutcome } from "./view.ts";

/** Where a button's result is said: above it, without a gap while there is none. */
export function OutcomeNote({ outcome }: { outcome: ConnectionOutcome | null }) {
  return (
    <div aria-live="polite">
      {outcome?.kind === "trouble" && (
        <Box paddingBlockEnd="300">
          <Note tone="critical" title={outcome.title} text={outcome.text} />
        </Box>
      )}
      {outcome?.kind === "wait" && (
        <Box paddingBlockEnd="300">
          <Note tone="info" text={outcome.text} />
        </Box>
      )}
    </div>
  );
}
