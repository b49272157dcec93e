import { BlockStack, Card, InlineStack, Link, Text } from "@shopify/polaris";
import { eventIdIn, Guarded } from "#app/admin/shell/guarded.tsx";
import { StateBadge } from "#app/admin/shell/state-badge.tsx";
import { Time } from "#app/admin/shell/time.tsx";
import { homeTexts } from "./texts.ts";
import type { LatestEvent } from "./view.ts";

const { title, all, none } = homeTexts.latest;

export function LatestEvents({ events }: { events: LatestEvent[] }) {
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack align="space-between" gap="200">
          <Text as="h2" variant="headingMd">
            {title}
          </Text>
          {events.length > 0 && <Link url="/app/events">{all}</Link>}
        </InlineStack>
        {events.length === 0 ? (
          <Text as="p" tone="subdued">
            {none}
          </Text>
        ) : (
          <ul className="home-latest">
            {events.map((event) => (
              <Guarded key={event.url} name={eventIdIn(event.url)} as="item">
                <LatestRow {...event} />
              </Guarded>
            ))}
          </ul>
        )}
      </BlockStack>
    </Card>
  );
}

function LatestRow({ url, at, kind, order, value, badge }: LatestEvent) {
  return (
    <li>
      <Text as="span" tone="subdued">
        <Time moment={at} />
      </Text>
      <Link url={url}>{order === "" ? kind : `${kind} ${order}`}</Link>
      <Text as="span" numeric>
        {value}
      </Text>
      <span>
        <StateBadge badge={badge} />
      </span>
    </li>
  );
}
