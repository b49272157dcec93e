import { useNavigate } from "@remix-run/react";
import { BlockStack, Box, Button, InlineStack, Pagination, Text } from "@shopify/polaris";
import { type EventFilter, parseEventFilter } from "#app/admin/shell/event-filter.ts";
import { NoticeView } from "#app/admin/shell/notice-view.tsx";
import type { Status } from "#app/admin/shell/read-status.server.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { Freshness } from "#app/admin/shell/time.tsx";
import { EventFilters } from "./event-filters.tsx";
import { EventRows } from "./event-rows.tsx";
import type { EventListFacts } from "./read-event-list.server.ts";
import { eventsTexts } from "./texts.ts";
import "./events.css";

/** What a reader may be in the middle of: choosing a filter, or ticking rows. */
export type BusyReason = "filter" | "rows";

interface EventResultsProps {
  list: EventListFacts | null;
  filter: EventFilter;
  query: string;
  status: Pick<Status, "updatedAt" | "zone">;
  isPhone: boolean;
  isLoading: boolean;
  /** Another filter or page is loading. */
  isOpening: boolean;
  onFilter: (filter: EventFilter) => void;
  onRefresh: () => void;
  /**
   * Pauses refreshing while the reader is busy, so that nothing moves. Must be the same function
   * each time.
   */
  onBusy: (what: BusyReason, isBusy: boolean) => void;
  onSendAgain: (rows: readonly string[]) => void;
}

/** The filters and what they find, as a table or, on a phone, as cards. */
export function EventResults({ list, filter, query, isPhone, ...view }: EventResultsProps) {
  if (list === null) {
    const action = { label: shellTexts.tryAgain, intent: "retry" } as const;
    return (
      <NoticeView
        place="alert"
        notice={{ ...eventsTexts.slow, action }}
        onAct={view.onRefresh}
        isBusy={view.isLoading}
      />
    );
  }
  const { empty, isConnected, lines } = list;
  if (empty === "shop") return <NoEvents isShop isConnected={isConnected} />;
  return (
    <>
      <EventFilters list={list} filter={filter} {...view} />
      {empty === "filter" && (
        <NoEvents onClear={() => view.onFilter(parseEventFilter(new URLSearchParams()))} />
      )}
      <div className="event-rows" aria-busy={view.isOpening}>
        <EventRows lines={lines} query={query} isPhone={isPhone} {...view} />
      </div>
      <EventPager list={list} query={query} {...view} />
    </>
  );
}

interface EventPagerProps {
  list: EventListFacts;
  query: string;
  status: Pick<Status, "updatedAt" | "zone">;
  isLoading: boolean;
  onRefresh: () => void;
}

/** Which rows of how many, in which period, how fresh, and the way to the others. */
function EventPager({ list, query, status, isLoading, onRefresh }: EventPagerProps) {
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

type NoEventsProps = { isShop: true; isConnected: boolean } | { onClear: () => void };

const { empty, filters } = eventsTexts;

/** The next step in place of rows: in a new shop, or with a filter that finds nothing. */
function NoEvents(props: NoEventsProps) {
  const { title, text, action } = "isShop" in props ? ofShop(props.isConnected) : ofFilter(props);
  return (
    <Box padding="800">
      <BlockStack gap="200" inlineAlign="center">
        <Text as="h2" variant="headingMd" alignment="center">
          {title}
        </Text>
        <Text as="p" alignment="center">
          {text}
        </Text>
        <InlineStack align="center">{action}</InlineStack>
      </BlockStack>
    </Box>
  );
}

function ofShop(isConnected: boolean) {
  return {
    title: empty.shop,
    text: isConnected ? empty.connected : empty.unconnected,
    action: isConnected ? (
      <Button url="/app/send">{empty.send}</Button>
    ) : (
      <Button variant="primary" url="/app/settings/connection">
        {empty.connect}
      </Button>
    ),
  };
}

function ofFilter({ onClear }: { onClear: () => void }) {
  return {
    title: empty.filter,
    text: empty.filterHelp,
    action: <Button onClick={onClear}>{filters.clear}</Button>,
  };
}
