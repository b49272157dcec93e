import { BlockStack, Box, Card, SkeletonBodyText, Text } from "@shopify/polaris";
import type { ReactNode } from "react";
import { Guarded } from "./guarded.tsx";
import "./plain-table.css";

interface PlainTableProps {
  caption: string;
  /** The first one heads the rows. On a phone they label the cells. */
  columns: readonly string[];
  /** The heading of each column, where it is more than its name. */
  heads?: readonly ReactNode[];
  rows: readonly { id: string; head: ReactNode; cells: readonly ReactNode[] }[];
}

/**
 * A table of facts. On a phone each row becomes a card with its columns as labels: by style alone,
 * so that nothing moves once scripts run. The roles say what the changed display would hide.
 */
export function PlainTable({ caption, columns, heads = columns, rows }: PlainTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, also by keyboard
    <section className="plain-table-frame" aria-label={caption} tabIndex={0}>
      {/* biome-ignore-start lint/a11y/noRedundantRoles: display other than table's takes them away */}
      {/* biome-ignore-start lint/a11y/useSemanticElements: likewise */}
      <table className="plain-table" role="table">
        <caption>
          <Text as="span" visuallyHidden>
            {caption}
          </Text>
        </caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column, index) => (
              <th key={column} role="columnheader" scope="col">
                {heads[index]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map(({ id, head, cells }) => (
            <Guarded key={id} name={id} as="row">
              <tr role="row">
                <th role="rowheader" scope="row">
                  {head}
                </th>
                {cells.map((cell, index) => {
                  const column = columns[index + 1] ?? "";
                  return (
                    <td key={column} role="cell" data-label={column}>
                      {cell}
                    </td>
                  );
                })}
              </tr>
            </Guarded>
          ))}
        </tbody>
      </table>
      {/* biome-ignore-end lint/a11y/useSemanticElements: see above */}
      {/* biome-ignore-end lint/a11y/noRedundantRoles: see above */}
    </section>
  );
}

/** A placeholder as high as the table that will stand in its place, so that nothing moves. */
export function TableSkeleton({
  caption,
  columns,
  rows,
}: {
  caption: string;
  columns: readonly string[];
  rows: number;
}) {
  const line = (
    <span className="table-skeleton-line">
      <SkeletonBodyText lines={1} />
    </span>
  );
  return (
    <PlainTable
      caption={caption}
      columns={columns}
      rows={Array.from({ length: rows }, (_, index) => ({
        id: String(index),
        head: line,
        cells: columns.slice(1).map(() => line),
      }))}
    />
  );
}

interface TitledCardProps {
  title: string;
  /** Shown above the title, as wide as the card. */
  alert?: ReactNode;
  /** Shown before the table. */
  about?: ReactNode;
  children: ReactNode;
}

/** A card around something as wide as itself: a table, or a list of records. */
export function TitledCard({ title, alert, about, children }: TitledCardProps) {
  return (
    <Card padding="0">
      {alert}
      <Box padding="400">
        <BlockStack gap="200">
          <Text as="h2" variant="headingMd">
            {title}
          </Text>
          {about}
        </BlockStack>
      </Box>
      {children}
    </Card>
  );
}

/** Facts of one thing, each with its label. */
export function FactList({ facts }: { facts: readonly { label: string; value: ReactNode }[] }) {
  return (
    <dl className="fact-list">
      {facts.map(({ label, value }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
