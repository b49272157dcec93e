import { IndexTable, Link, Text, useIndexResourceState } from "@shopify/polaris";
import { useEffect } from "react";
import { eventIdIn, Guarded } from "#app/admin/shell/guarded.tsx";
import { StateBadge } from "#app/admin/shell/state-badge.tsx";
import { Time } from "#app/admin/shell/time.tsx";
import { eventsTexts } from "./texts.ts";
import type { EventLine } from "./view.ts";

interface EventTableProps {
  lines: EventLine[];
  onBusy: (what: "rows", isBusy: boolean) => void;
  onSendAgain: (rows: readonly string[]) => void;
}

const { columns, resource, again } = eventsTexts;

/** Up to 50 rows, which can be ticked and sent again together. */
export function EventTable({ lines, onBusy, onSendAgain }: EventTableProps) {
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
        headings={[
          { title: columns.order },
          { title: columns.event },
          { title: columns.value, alignment: "end" },
          { title: columns.state },
          { title: columns.source },
          { title: columns.happened, alignment: "end" },
        ]}
      >
        {lines.map((line, position) => (
          <Guarded key={line.id} name={eventIdIn(line.url)} as="row">
            <Row line={line} position={position} isSelected={selectedResources.includes(line.id)} />
          </Guarded>
        ))}
      </IndexTable>
      <Text as="p" visuallyHidden>
        <span aria-live="polite">{announce(count)}</span>
      </Text>
    </>
  );
}

function announce(count: number): string {
  if (count === 0) return "";
  return count === 1 ? eventsTexts.selectedOne : `${count} ${eventsTexts.selectedMany}`;
}

interface RowProps {
  line: EventLine;
  position: number;
  isSelected: boolean;
}

function Row({ line, position, isSelected }: RowProps) {
  const { id, url, order, name, kind, value, badge, detail, source, happened } = line;
  return (
    <IndexTable.Row id={id} position={position} selected={isSelected}>
      <IndexTable.Cell>
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
      </IndexTable.Cell>
      <IndexTable.Cell>{kind}</IndexTable.Cell>
      <IndexTable.Cell>
        <Text as="span" alignment="end" numeric>
          {value}
        </Text>
      </IndexTable.Cell>
      <IndexTable.Cell>
        <StateBadge badge={badge} />
        {detail !== null && (
          <Text as="p" variant="bodySm" tone="subdued">
            {detail}
          </Text>
        )}
      </IndexTable.Cell>
      <IndexTable.Cell>{source}</IndexTable.Cell>
      <IndexTable.Cell>
        <Text as="span" alignment="end" numeric>
          <Time moment={happened} />
        </Text>
      </IndexTable.Cell>
    </IndexTable.Row>
  );
}
