import { SkeletonBodyText } from "@shopify/polaris";
import { PlainTable } from "./plain-table.tsx";
import "./table-skeleton.css";

/** As high as the table that will stand in its place, so that nothing moves. */
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
