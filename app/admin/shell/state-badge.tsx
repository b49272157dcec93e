import { Badge } from "@shopify/polaris";
import { NoteIcon } from "@shopify/polaris-icons";
import type { StateBadge as StateBadgeFacts } from "./describe-state.server.ts";
import { shellTexts } from "./texts.ts";

/** The state of an event. */
export function StateBadge({ badge }: { badge: StateBadgeFacts }) {
  const { label, tone, progress, isNoted } = badge;
  const look = {
    ...(tone !== null && { tone }),
    // Polaris would have screen readers say "Success Complete" first.
    toneAndProgressLabelOverride: shellTexts.state,
  };
  if (isNoted)
    return (
      <Badge {...look} icon={NoteIcon}>
        {label}
      </Badge>
    );
  return progress === null ? (
    <Badge {...look}>{label}</Badge>
  ) : (
    <Badge {...look} progress={progress}>
      {label}
    </Badge>
  );
}
