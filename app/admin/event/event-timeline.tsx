import { BlockStack, Card, InlineStack, Text } from "@shopify/polaris";
import { CopyButton } from "#app/admin/shell/code.tsx";
import { Note } from "#app/admin/shell/note.tsx";
import { Time } from "#app/admin/shell/time.tsx";
import { eventDetailTexts } from "./texts.ts";
import type { EventView } from "./view.ts";
import "./event-timeline.css";

type TimelineProps = Pick<EventView, "timeline" | "actions" | "zone" | "report"> & {
  /** What a person asked for did not happen. */
  fault: string | null;
};

/** What happened to the event, what will, and why what might be wished for is not there. */
export function EventTimeline({ timeline, actions, zone, report, fault }: TimelineProps) {
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
