import { useNavigate } from "@remix-run/react";
import { Box, InlineStack, Pagination, Text } from "@shopify/polaris";
import { Freshness } from "#app/admin/shell/freshness.tsx";
import type { Status } from "#app/admin/shell/status.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { eventsTexts } from "./texts.ts";
import type { EventListFacts } from "./view.ts";

interface EventPagerProps {
  list: EventListFacts;
  query: string;
  status: Pick<Status, "updatedAt" | "zone">;
  isLoading: boolean;
  onRefresh: () => void;
}

/** Which rows of how many, in which period, how fresh, and the way to the others. */
export function EventPager({ list, query, status, isLoading, onRefresh }: EventPagerProps) {
  const navigate = useNavigate();
  const { range, period, next, previous } = list;
  const open = (cursor: string | null) => {
    if (cursor !== null) navigate(`/app/events?${query}${query === "" ? "" : "&"}page=${cursor}`);
  };
  return (
    <Box padding="300" borderBlockStartWidth="025" borderColor="border">
      <InlineStack gap="300" align="space-between" blockAlign="center">
        <InlineStack gap="300" blockAlign="center">
          {(next !== null || previous !== null) && (
            <Pagination
              accessibilityLabel={eventsTexts.pages}
              accessibilityLabels={{
                previous: shellTexts.previousPage,
                next: shellTexts.nextPage,
              }}
              hasNext={next !== null}
              hasPrevious={previous !== null}
              onNext={() => open(next)}
              onPrevious={() => open(previous)}
            />
          )}
          <Text as="span" numeric>
            {range === null ? period : `${range} · ${period}`}
          </Text>
        </InlineStack>
        <Freshness status={status} isLoading={isLoading} onRefresh={onRefresh} />
      </InlineStack>
    </Box>
  );
}
