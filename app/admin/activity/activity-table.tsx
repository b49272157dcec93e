import { Button } from "@shopify/polaris";
import type { Moment } from "#app/admin/shell/format/formatter.server.ts";
import { Guarded } from "#app/admin/shell/guarded.tsx";
import { Time } from "#app/admin/shell/time.tsx";
import { activityTexts } from "./texts.ts";
import "./activity.css";

export interface ActivityEntry {
  id: string;
  at: Moment;
  who: string;
  kind: string;
  changes: string[];
  open: { url: string; label: string } | null;
  restore: { version: number; label: string } | null;
}

interface ActivityTableProps {
  rows: readonly ActivityEntry[];
  onRestore: (version: number) => void;
}

const { columns } = activityTexts;

/** One row for each change; on phones each row is a card. */
export function ActivityTable({ rows, onRestore }: ActivityTableProps) {
  return (
    <table className="activity" aria-label={activityTexts.table}>
      <thead>
        <tr>
          {Object.values(columns).map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Guarded key={row.id} name={String(row.id)} as="row">
            <ActivityRow row={row} onRestore={onRestore} />
          </Guarded>
        ))}
      </tbody>
    </table>
  );
}

function ActivityRow({
  row,
  onRestore,
}: Pick<ActivityTableProps, "onRestore"> & { row: ActivityEntry }) {
  const { at, who, kind, changes, open, restore } = row;
  return (
    <tr>
      <td className="activity-time">
        <Time moment={at} />
      </td>
      <td className="activity-who">{who}</td>
      <td>{kind}</td>
      <td className="activity-changes">
        {changes.map((change) => (
          <div key={change}>{change}</div>
        ))}
      </td>
      <td className="activity-action">
        {restore !== null && (
          <Button
            size="slim"
            accessibilityLabel={restore.label}
            onClick={() => onRestore(restore.version)}
          >
            {activityTexts.restore}
          </Button>
        )}
        {open !== null && (
          <Button size="slim" url={open.url} accessibilityLabel={open.label}>
            {activityTexts.open}
          </Button>
        )}
      </td>
    </tr>
  );
}
