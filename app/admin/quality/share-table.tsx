import { Text } from "@shopify/polaris";
import { PlainTable } from "#app/admin/shell/plain-table.tsx";
import { qualityTexts, type ShareCell, type ShareTable as Table } from "./texts.ts";
import "./share-table.css";

/** Shares by kind of event and key; each bar has its number beside it. */
export function ShareTable({ table: { caption, columns, rows } }: { table: Table }) {
  return (
    <PlainTable
      caption={caption}
      columns={[qualityTexts.event, ...columns]}
      rows={rows.map(({ kind, apiName, total, cells }) => ({
        id: apiName,
        head: (
          <>
            {kind}{" "}
            <span className="share-table-api machine-text" translate="no">
              {apiName}
            </span>
            {total !== "" && <span className="share-table-total">{total}</span>}
          </>
        ),
        cells: cells.map((cell, index) => <Share key={columns[index]} cell={cell} />),
      }))}
    />
  );
}

function Share({ cell: { text, percent, isLow } }: { cell: ShareCell }) {
  if (percent === null) {
    return (
      <>
        <span aria-hidden="true">{text}</span>
        <Text as="span" visuallyHidden>
          {qualityTexts.notScored}
        </Text>
      </>
    );
  }
  return (
    <span className="share">
      <svg className="share-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect className="share-bar-whole" width="100" height="8" />
        <rect className="share-bar-part" width={Math.min(100, Math.max(0, percent))} height="8" />
      </svg>
      <span className="nowrap">
        {text}
        {isLow && <span className="share-low"> {qualityTexts.low}</span>}
      </span>
    </span>
  );
}
