import { Text } from "@shopify/polaris";
import { PlainTable } from "#app/admin/shell/plain-table.tsx";
import { qualityTexts, type ShareCell, type ShareRow, type ShareTable as Table } from "./texts.ts";
import "./share-table.css";

/** Shares by key and kind of event; each bar has its number beside it. */
export function ShareTable({ table: { caption, columns: keys, rows: events } }: { table: Table }) {
  return (
    <PlainTable
      caption={caption}
      columns={[qualityTexts.key, ...events.map(({ kind }) => kind)]}
      heads={[qualityTexts.key, ...events.map((event) => <Head key={event.apiName} {...event} />)]}
      rows={keys.map((key, index) => ({
        id: key,
        head: key,
        cells: events.map(({ apiName, cells }) => {
          const cell = cells.at(index);
          return cell && <Share key={apiName} cell={cell} />;
        }),
      }))}
    />
  );
}

function Head({ kind, apiName, total }: Pick<ShareRow, "kind" | "apiName" | "total">) {
  return (
    <>
      {kind}
      <span className="share-table-api machine-text" translate="no">
        {apiName}
      </span>
      {total !== "" && <span className="share-table-total">{total}</span>}
    </>
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
