import { BlockStack, InlineGrid } from "@shopify/polaris";
import { AdminPage } from "#app/admin/shell/admin-page.tsx";
import { Guarded } from "#app/admin/shell/guarded.tsx";
import { StateBadge } from "#app/admin/shell/state-badge.tsx";
import type { Status } from "#app/admin/shell/status.ts";
import { useLiveData } from "#app/admin/shell/use-live-data.ts";
import { EventFacts } from "./event-facts.tsx";
import { EventTimeline } from "./event-timeline.tsx";
import { RebuildDialog } from "./rebuild-dialog.tsx";
import { SentCard } from "./sent-card.tsx";
import { eventDetailTexts } from "./texts.ts";
import { useEventActions } from "./use-event-actions.ts";
import type { EventView } from "./view.ts";

/** One event: what happened to it, what was sent, and what may be done. */
export function EventPage({ status, view }: { status: Status; view: EventView }) {
  const deeds = useEventActions();
  useLiveData({ isPaused: () => !view.isOpen || deeds.isComparing });
  const [primary, ...others] = view.actions
    .filter(({ bar }) => bar === null)
    .map(({ name, label }) => ({
      content: label,
      onAction: () => deeds.act(name),
      loading: deeds.busyWith === name,
      disabled: deeds.busyWith !== null,
    }));
  return (
    <AdminPage
      status={status}
      title={view.title}
      titleBadge={<StateBadge badge={view.badge} />}
      backAction={{ content: eventDetailTexts.back, url: "/app/events" }}
      {...(primary !== undefined && { primaryAction: primary })}
      secondaryActions={others}
    >
      <InlineGrid columns={{ xs: 1, md: ["twoThirds", "oneThird"] }} gap="400" alignItems="start">
        <BlockStack gap="400">
          <Guarded name={eventDetailTexts.happened} as="card">
            <EventTimeline {...view} fault={deeds.fault} />
          </Guarded>
          <Guarded name={eventDetailTexts.sent} as="card">
            <SentCard
              sent={deeds.revealed ?? view.sent}
              isRevealing={deeds.busyWith === "reveal"}
              onReveal={deeds.reveal}
            />
          </Guarded>
        </BlockStack>
        <Guarded name={eventDetailTexts.details} as="card">
          <EventFacts facts={view.facts} />
        </Guarded>
      </InlineGrid>
      <RebuildDialog
        rebuild={deeds.rebuild}
        isOpen={deeds.isComparing}
        isSending={deeds.busyWith === "rebuild"}
        onSend={deeds.sendRebuilt}
        onClose={deeds.closeDialog}
      />
    </AdminPage>
  );
}
