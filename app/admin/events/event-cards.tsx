import { Box, InlineStack, Link, Text } from "@shopify/polaris";
import { eventIdIn, Guarded } from "#app/admin/shell/guarded.tsx";
import { StateBadge } from "#app/admin/shell/state-badge.tsx";
import { Time } from "#app/admin/shell/time.tsx";
import type { EventLine } from "./view.ts";

/** The rows on a phone: order and value, then what it is and how it stands. */
export function EventCards({ lines }: { lines: EventLine[] }) {
  return (
    <ul className="event-cards">
      {lines.map((line) => (
        <Guarded key={line.id} name={eventIdIn(line.url)} as="item">
          <li>
            <EventCard {...line} />
          </li>
        </Guarded>
      ))}
    </ul>
  );
}

function EventCard({ url, order, name, value, kind, badge, detail, happened }: EventLine) {
  return (
    <Box paddingInline="400" paddingBlock="300" borderBlockStartWidth="025" borderColor="border">
      <InlineStack align="space-between" blockAlign="center">
        <span className="event-card-link">
          <Link
            url={url}
            dataPrimaryLink
            removeUnderline
            monochrome
            {...(name !== null && { accessibilityLabel: name })}
          >
            <Text as="span" fontWeight="semibold">
              {order}
            </Text>
          </Link>
        </span>
        <Text as="span" numeric>
          {value}
        </Text>
      </InlineStack>
      <InlineStack gap="200" align="space-between" blockAlign="center">
        <Text as="span">{kind}</Text>
        <Text as="span" variant="bodySm" tone="subdued">
          <Time moment={happened} />
        </Text>
      </InlineStack>
      <Box paddingBlockStart="100">
        <StateBadge badge={badge} />
        {detail !== null && (
          <Text as="p" variant="bodySm" tone="subdued" breakWord>
            {detail}
          </Text>
        )}
      </Box>
    </Box>
  );
}
