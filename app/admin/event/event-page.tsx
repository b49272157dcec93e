import { BlockStack, Card, InlineGrid, InlineStack, Link, Text } from "@shopify/polaris";
import { CopyButton } from "#app/admin/shell/code.tsx";
import { Guarded } from "#app/admin/shell/guarded.tsx";
import { Note } from "#app/admin/shell/notice-view.tsx";
import { AdminPage } from "#app/admin/shell/page.tsx";
import { useLiveData } from "#app/admin/shell/page-data.ts";
import { FactList } from "#app/admin/shell/plain-table.tsx";
import type { Status } from "#app/admin/shell/read-status.server.ts";
import { StateBadge } from "#app/admin/shell/state-badge.tsx";
import { Time } from "#app/admin/shell/time.tsx";
import type { EventFact, EventView } from "./read-event-view.server.ts";
import { RebuildDialog, SentCard } from "./sent-card.tsx";
import { eventDetailTexts } from "./texts.ts";
import "./event.css";
import { useFetcher } from "@remix-run/react";
import { useEffect, useState } from "react";
import { showToast } from "#app/admin/shell/app-bridge.ts";
import type { EventAnswer } from "./act-on-event.server.ts";
import type { SentView } from "./describe-sent.server.ts";
import type { ActionName } from "./load-event.server.ts";
import type { RebuildView } from "./rebuild-order-event.server.ts";

/** The page of an event: what happened to it, what was sent, and the actions. */
export function EventPage({ status, view }: { status: Status; view: EventView }) {
  const actions = useEventActions();
  useLiveData({ isPaused: () => !view.isOpen || actions.isComparing });
  const [primary, ...others] = view.actions
    .filter(({ bar }) => bar === null)
    .map(({ name, label }) => ({
      content: label,
      onAction: () => actions.act(name),
      loading: actions.busyWith === name,
      disabled: actions.busyWith !== null,
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
            <EventTimeline {...view} fault={actions.fault} />
          </Guarded>
          <Guarded name={eventDetailTexts.sent} as="card">
            <SentCard
              sent={actions.revealed ?? view.sent}
              isRevealing={actions.busyWith === "reveal"}
              onReveal={actions.reveal}
            />
          </Guarded>
        </BlockStack>
        <Guarded name={eventDetailTexts.details} as="card">
          <EventFacts facts={view.facts} />
        </Guarded>
      </InlineGrid>
      <RebuildDialog
        rebuild={actions.rebuild}
        isOpen={actions.isComparing}
        isSending={actions.busyWith === "rebuild"}
        onSend={actions.sendRebuilt}
        onClose={actions.closeDialog}
      />
    </AdminPage>
  );
}

/** What is known of the event. */
function EventFacts({ facts }: { facts: readonly EventFact[] }) {
  return (
    <Card padding="0">
      <div className="event-facts">
        <Text as="h2" variant="headingMd">
          {eventDetailTexts.details}
        </Text>
      </div>
      <div className="event-facts-list">
        <FactList facts={facts.map((fact) => ({ label: fact.label, value: <Fact {...fact} /> }))} />
      </div>
    </Card>
  );
}

function Fact({ value, isCode, moment, link }: EventFact) {
  if (moment !== null) return <Time moment={moment} />;
  if (link !== null) {
    return (
      <Link url={link.url} target="_blank">
        {link.label}
      </Link>
    );
  }
  if (!isCode) return value;
  return (
    <InlineStack gap="200" blockAlign="center">
      <code translate="no">{value}</code>
      <CopyButton text={value} />
    </InlineStack>
  );
}

type TimelineProps = Pick<EventView, "timeline" | "actions" | "zone" | "report"> & {
  /** Why the requested action failed. */
  fault: string | null;
};

/** The timeline of the event, and why an action is not available. */
function EventTimeline({ timeline, actions, zone, report, fault }: TimelineProps) {
  const bars = actions.flatMap(({ name, bar }) => (bar === null ? [] : [{ name, bar }]));
  return (
    <Card>
      <BlockStack gap="400">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <Text as="h2" variant="headingMd">
            {eventDetailTexts.happened}
          </Text>
          <InlineStack blockAlign="center" gap="200">
            <Text as="span" variant="bodySm" tone="subdued">
              {zone}
            </Text>
            <CopyButton text={report} label={eventDetailTexts.copyReport} />
          </InlineStack>
        </InlineStack>
        <ol className="event-timeline">
          {timeline.map(({ at, text, lines }, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the steps are in the order of their time, and only grow
            <li key={place}>
              {at !== null && <Time moment={at} />}
              <p>{text}</p>
              {lines.map((line) => (
                <Text key={line} as="p" variant="bodySm" tone="subdued">
                  {line}
                </Text>
              ))}
            </li>
          ))}
        </ol>
        {bars.map(({ name, bar }) => (
          <Text key={name} as="p">
            {bar}
          </Text>
        ))}
        <div aria-live="polite">{fault !== null && <Note tone="critical" text={fault} />}</div>
      </BlockStack>
    </Card>
  );
}

interface EventActionState {
  /** The view without masks, once requested; null: not requested in this view. */
  revealed: SentView | null;
  /** Why the requested action failed. */
  fault: string | null;
  rebuild: RebuildView | null;
  isComparing: boolean;
  /** The action under way; null: none. */
  busyWith: string | null;
  act: (name: ActionName) => void;
  reveal: () => void;
  sendRebuilt: () => void;
  closeDialog: () => void;
}

/** Posts a person's actions on the event, each once, however fast a button is clicked. */
function useEventActions(): EventActionState {
  const reveal = useFetcher<EventAnswer>();
  const fetcher = useFetcher<EventAnswer>();
  const [isComparing, setIsComparing] = useState(false);
  const answer = fetcher.data;
  const isBusy = fetcher.state !== "idle";
  useEffect(() => {
    if (answer?.kind === "done") {
      setIsComparing(false);
      showToast(answer.message);
    }
    if (answer?.kind === "failed") setIsComparing(false);
  }, [answer]);
  const ask = (form: Record<string, string>) => {
    if (!isBusy) fetcher.submit(form, { method: "post" });
  };
  const rebuild = answer?.kind === "compared" ? answer.rebuild : null;
  const intent = String(fetcher.formData?.get("intent") ?? "");
  return {
    revealed: reveal.data?.kind === "revealed" ? reveal.data.sent : null,
    fault: findFault(answer) ?? findFault(reveal.data),
    // An earlier difference is not shown while another is loading.
    rebuild: isBusy && intent === "compare" ? null : rebuild,
    isComparing,
    busyWith: reveal.state === "idle" ? (isBusy ? intent : null) : "reveal",
    act(name) {
      if (name === "rebuild") setIsComparing(true);
      ask({ intent: name === "rebuild" ? "compare" : name });
    },
    reveal() {
      if (reveal.state === "idle") reveal.submit({ intent: "reveal" }, { method: "post" });
    },
    sendRebuilt: () => ask({ intent: "rebuild", fingerprint: rebuild?.fingerprint ?? "" }),
    closeDialog: () => setIsComparing(false),
  };
}

function findFault(answer: EventAnswer | undefined): string | null {
  return answer?.kind === "failed" ? answer.fault : null;
}
