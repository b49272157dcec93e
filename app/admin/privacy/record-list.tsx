import { Text } from "@shopify/polaris";
import type { CSSProperties, ReactNode } from "react";
import "./record-list.css";

interface RecordListProps {
  /** The first names the record, the others are its facts. */
  columns: readonly string[];
  records: { id: string; name: ReactNode; facts: ReactNode[]; isCritical?: boolean }[];
}

/**
 * Records with a few facts each: side by side under common titles where there is room, one below the
 * other where there is not. One list of definitions at every width.
 */
export function RecordList({ columns, records }: RecordListProps) {
  const [, ...labels] = columns;
  const style = { "--record-list-columns": labels.length } as CSSProperties;
  return (
    <div style={style}>
      <div className="record-list-head" aria-hidden="true">
        {columns.map((column) => (
          <Text key={column} as="span" variant="bodySm" fontWeight="semibold">
            {column}
          </Text>
        ))}
      </div>
      <dl className="record-list">
        {records.map(({ id, name, facts, isCritical = false }) => (
          <div
            key={id}
            className={`record-list-row${isCritical ? " record-list-row-critical" : ""}`}
          >
            <dt>{name}</dt>
            {facts.map((fact, index) => (
              <dd key={labels[index]}>
                <span className="record-list-label">{labels[index]}</span>
                {fact}
              </dd>
            ))}
          </div>
        ))}
      </dl>
    </div>
  );
}
