import { useBreakpoints } from "@shopify/polaris";
import { CardProblem } from "#app/admin/shell/card-problem.tsx";
import { type EventFilter, parseEventFilter } from "#app/admin/shell/event-filter.ts";
import type { Status } from "#app/admin/shell/status.ts";
import { EventCards } from "./event-cards.tsx";
import { EventFilters } from "./event-filters.tsx";
import { EventPager } from "./event-pager.tsx";
import { EventTable } from "./event-table.tsx";
import { NoEvents } from "./no-events.tsx";
import { eventsTexts } from "./texts.ts";
import type { EventListFacts } from "./view.ts";
import "./event-list.css";

/** What a reader may be in the middle of: choosing a filter, or ticking rows. */
export type Business = "filter" | "rows";

interface EventListProps {
  list: EventListFacts | null;
  filter: EventFilter;
  query: string;
  status: Pick<Status, "updatedAt" | "zone">;
  isPhone: boolean;
  isLoading: boolean;
  /** Another filter or page was asked for. */
  isOpening: boolean;
  onFilter: (filter: EventFilter) => void;
  onRefresh: () => void;
  /** What is looked at must not move meanwhile. The same function each time. */
  onBusy: (what: Business, isBusy: boolean) => void;
  onSendAgain: (rows: readonly string[]) => void;
}

/** The filters and what they find, as a table or, on a phone, as cards. */
export function EventList({ list, filter, query, isPhone, ...view }: EventListProps) {
  const { smDown } = useBreakpoints({ defaults: { smDown: isPhone } });
  if (list === null) {
    return <CardProblem {...eventsTexts.slow} onRetry={view.onRefresh} />;
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
        {lines.length > 0 && smDown && <EventCards lines={lines} />}
        {lines.length > 0 && !smDown && (
          // Another page of rows begins with nothing ticked.
          <EventTable key={`${query} ${lines[0]?.id}`} lines={lines} {...view} />
        )}
      </div>
      <EventPager list={list} query={query} {...view} />
    </>
  );
}
