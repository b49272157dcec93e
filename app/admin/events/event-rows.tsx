import {
  Box,
  IndexTable,
  InlineStack,
  Link,
  Text,
  useBreakpoints,
  useIndexResourceState,
} from "@shopify/polaris";
import { type ReactNode, useEffect } from "react";
import { eventIdIn, Guarded } from "#app/admin/shell/guarded.tsx";
import { StateBadge } from "#app/admin/shell/state-badge.tsx";
import { Time } from "#app/admin/shell/time.tsx";
import type { EventLine } from "./read-event-rows.server.ts";
import { eventsTexts } from "./texts.ts";

interface Column {
  title: string;
  /** A number stands at the end of its cell. */
  isNumber?: boolean;
  /** The line of a phone's card that shows it; a column without one is not on the card. */
  card?: "first" | "second" | "last";
  /** A card shows it smaller. */
  isMinor?: boolean;
  render: (line: EventLine) => ReactNode;
}

const { columns: titles, resource, again } = eventsTexts;

/** What the list says of an event: the columns of its table, and the lines of its card. */
const COLUMNS: readonly [Column, ...Column[]] = [
  { title: titles.order, card: "first", render: (line) => <EventLink {...line} /> },
  { title: titles.event, card: "second", render: ({ kind }) => kind },
  { title: titles.value, card: "first", isNumber: true, render: ({ value }) => value },
  { title: titles.state, card: "last", render: (line) => <EventState {...line} /> },
  { title: titles.source, render: ({ source }) => source },
  {
    title: titles.happened,
    card: "second",
    isNumber: true,
    isMinor: true,
    render: ({ happened }) => <Time moment={happened} />,
  },
];

interface EventRowsProps {
  lines: EventLine[];
  /** The filter as a URL's query. */
  query: string;
  /** Until the browser has measured its window. */
  isPhone: boolean;
  onBusy: (what: "rows", isBusy: boolean) => void;
  onSendAgain: (rows: readonly string[]) => void;
}

/** The events as a table or, on a phone, as cards. */
export function EventRows({ lines, query, isPhone, ...table }: EventRowsProps) {
  const { smDown } = useBreakpoints({ defaults: { smDown: isPhone } });
  if (lines.length === 0) return null;
  if (smDown) return <EventCards lines={lines} />;
  // A new page of rows starts with none selected.
  return <EventTable key={`${query} ${lines[0]?.id}`} lines={lines} {...table} />;
}

/** Up to 50 rows, which can be ticked and sent again together. */
function EventTable({ lines, onBusy, onSendAgain }: Omit<EventRowsProps, "query" | "isPhone">) {
  const resources = lines.map(({ id }) => ({ id }));
  const { selectedResources, allResourcesSelected, handleSelectionChange } =
    useIndexResourceState(resources);
  const count = selectedResources.length;
  useEffect(() => {
    onBusy("rows", count > 0);
    return () => onBusy("rows", false);
  }, [count, onBusy]);
  return (
    <>
      <IndexTable
        resourceName={resource}
        itemCount={lines.length}
        selectedItemsCount={allResourcesSelected ? "All" : count}
        onSelectionChange={handleSelectionChange}
        promotedBulkActions={[
          { content: again.one, onAction: () => onSendAgain(selectedResources) },
        ]}
        headings={[toHeading(COLUMNS[0]), ...COLUMNS.slice(1).map(toHeading)]}
      >
        {lines.map((line, position) => (
          <Guarded key={line.id} name={eventIdIn(line.url)} as="row">
            <IndexTable.Row
              id={line.id}
              position={position}
              selected={selectedResources.includes(line.id)}
            >
              {COLUMNS.map(({ title, ...column }) => (
                <IndexTable.Cell key={title}>
                  <CellText {...column} line={line} />
                </IndexTable.Cell>
              ))}
            </IndexTable.Row>
          </Guarded>
        ))}
      </IndexTable>
      <Text as="p" visuallyHidden>
        <span aria-live="polite">{announce(count)}</span>
      </Text>
    </>
  );
}

function toHeading({ title, isNumber }: Column) {
  return { title, ...(isNumber && { alignment: "end" as const }) };
}

type CellProps = Pick<Column, "isNumber" | "render"> & { line: EventLine };

function CellText({ line, isNumber, render }: CellProps) {
  if (!isNumber) return render(line);
  return (
    <Text as="span" alignment="end" numeric>
      {render(line)}
    </Text>
  );
}

function announce(count: number): string {
  if (count === 0) return "";
  return count === 1 ? eventsTexts.selectedOne : `${count} ${eventsTexts.selectedMany}`;
}

function EventCards({ lines }: Pick<EventRowsProps, "lines">) {
  return (
    <ul className="event-cards">
      {lines.map((line) => (
        <Guarded key={line.id} name={eventIdIn(line.url)} as="item">
          <li>
            <Box
              paddingInline="400"
              paddingBlock="300"
              borderBlockStartWidth="025"
              borderColor="border"
            >
              <CardLine line={line} place="first" />
              <CardLine line={line} place="second" />
              <Box paddingBlockStart="100">
                {columnsOn("last").map(({ title, render }) => (
                  <div key={title}>{render(line)}</div>
                ))}
              </Box>
            </Box>
          </li>
        </Guarded>
      ))}
    </ul>
  );
}

function columnsOn(place: Column["card"]): Column[] {
  return COLUMNS.filter(({ card }) => card === place);
}

/** The columns of one line of a card, side by side. */
function CardLine({ line, place }: { line: EventLine; place: Column["card"] }) {
  return (
    <InlineStack gap="200" align="space-between" blockAlign="center">
      {columnsOn(place).map(({ title, isNumber = false, isMinor, render }) => (
        <Text
          key={title}
          as="span"
          numeric={isNumber}
          {...(isMinor && { variant: "bodySm", tone: "subdued" })}
        >
          {render(line)}
        </Text>
      ))}
    </InlineStack>
  );
}

function EventLink({ url, order, name }: EventLine) {
  return (
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
  );
}

function EventState({ badge, detail }: EventLine) {
  return (
    <>
      <StateBadge badge={badge} />
      {detail !== null && (
        <Text as="p" variant="bodySm" tone="subdued">
          {detail}
        </Text>
      )}
    </>
  );
}
