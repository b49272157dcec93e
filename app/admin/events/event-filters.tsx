import {
  Box,
  IndexFilters,
  IndexFiltersMode,
  Text,
  useSetIndexFiltersMode,
} from "@shopify/polaris";
import { useEffect, useRef, useState } from "react";
import {
  defaultPeriod,
  type EventFilter,
  parseEventFilter,
  withSearch,
} from "#app/admin/shell/event-filter.ts";
import { toFilterFields } from "./filter-fields.tsx";
import type { AppliedKey, EventListFacts } from "./read-event-list.server.ts";
import { eventsTexts } from "./texts.ts";

interface EventFiltersProps {
  list: EventListFacts;
  filter: EventFilter;
  isOpening: boolean;
  onFilter: (filter: EventFilter) => void;
  onBusy: (what: "filter", isBusy: boolean) => void;
}

const { filters: texts, search, sort } = eventsTexts;

/** The value of each filter when nothing is chosen. */
const UNSET = parseEventFilter(new URLSearchParams());
const CLEARED: Record<Exclude<AppliedKey, "date">, Partial<EventFilter>> = {
  kind: { kinds: [] },
  state: { states: [] },
  reason: { reasons: [] },
  source: { sources: [] },
  idSource: { idSource: null },
};

/** The fixed views, the search and the filters; all of them stand in the URL. */
export function EventFilters({ list, filter, isOpening, onFilter, onBusy }: EventFiltersProps) {
  const isNarrowed = list.applied.length > 0 || filter.search !== "";
  const { mode, setMode } = useSetIndexFiltersMode(
    isNarrowed ? IndexFiltersMode.Filtering : IndexFiltersMode.Default,
  );
  const [isOpened, setIsOpened] = useState(false);
  const { text, setText } = useSearchText(filter, onFilter);
  const change = (changes: Partial<EventFilter>) => onFilter({ ...filter, ...changes });
  const clear = () => {
    setText("");
    onFilter({ ...UNSET, tab: filter.tab, order: filter.order });
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears where the focus is, and does nothing else
    <div onFocus={() => onBusy("filter", true)} onBlur={() => onBusy("filter", false)}>
      <IndexFilters
        tabs={list.tabs.map(({ id, label, count }) => ({
          id: `view-${id}`,
          content: label,
          isLocked: true,
          actions: [],
          ...(count !== null && { badge: count }),
        }))}
        selected={list.tabs.findIndex(({ id }) => id === filter.tab)}
        onSelect={(index) =>
          change({ tab: list.tabs[index]?.id ?? "all", states: [], reasons: [] })
        }
        canCreateNewView={false}
        disableKeyboardShortcuts
        mode={mode}
        setMode={(next) => {
          setIsOpened(true);
          setMode(next);
        }}
        autoFocusSearchField={isOpened}
        filteringAccessibilityLabel={texts.open}
        filteringAccessibilityTooltip={texts.open}
        queryValue={text}
        queryPlaceholder={search.placeholder}
        onQueryChange={setText}
        onQueryClear={() => setText("")}
        cancelAction={{ onAction: clear }}
        filters={toFilterFields(list, filter, change)}
        appliedFilters={list.applied.map(({ key, label }) => ({
          key,
          label,
          onRemove: () =>
            change(key === "date" ? { period: defaultPeriod(filter.search) } : CLEARED[key]),
        }))}
        onClearAll={clear}
        sortOptions={[
          { label: sort.label, value: "happened desc", directionLabel: sort.newest },
          { label: sort.label, value: "happened asc", directionLabel: sort.oldest },
        ]}
        sortSelected={[filter.order === "newest" ? "happened desc" : "happened asc"]}
        onSort={([chosen]) => change({ order: chosen === "happened asc" ? "oldest" : "newest" })}
        loading={isOpening}
      />
      {mode === IndexFiltersMode.Filtering && (
        <Box paddingInline="300" paddingBlock="200" borderBlockEndWidth="025" borderColor="border">
          <Text as="p" variant="bodySm" tone="subdued">
            {search.help}
          </Text>
        </Box>
      )}
    </div>
  );
}

/** The list waits until a person has stopped typing. */
const PAUSE_MS = 350;

/** The search as it is typed; it reaches the URL when the typing pauses. */
function useSearchText(filter: EventFilter, onFilter: (filter: EventFilter) => void) {
  const [text, setText] = useState(filter.search);
  const asked = useRef(filter.search);
  // Back and forward change the URL without the field.
  useEffect(() => {
    if (filter.search === asked.current) return;
    asked.current = filter.search;
    setText(filter.search);
  }, [filter.search]);
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === asked.current) return;
    const timer = setTimeout(() => {
      asked.current = wanted;
      onFilter(withSearch(filter, wanted));
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, filter, onFilter]);
  return { text, setText };
}
