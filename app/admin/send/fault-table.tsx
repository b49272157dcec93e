import { Link } from "@shopify/polaris";
import { sendFileTexts } from "./file-texts.ts";
import type { FaultView } from "./view.ts";

const { columns, checked } = sendFileTexts;

/** What needs changes, by the rows of the file. Each row can be linked to. */
export function FaultTable({ faults }: { faults: FaultView[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, also by keyboard
    <section className="send-table" aria-label={checked.table} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{columns.row}</th>
            <th scope="col">{columns.column}</th>
            <th scope="col">{columns.problem}</th>
            <th scope="col">{columns.fix}</th>
          </tr>
        </thead>
        <tbody>
          {faults.map(({ row, column, problem, fix }) => (
            <tr key={`${row} ${column}`} id={`row-${row}`}>
              <th scope="row">
                <Link url={`#row-${row}`}>{String(row)}</Link>
              </th>
              <td translate="no">{column}</td>
              <td>{problem}</td>
              <td>{fix}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Rows that Pinterest would refuse, in its words. */
export function RefusedTable({ refused }: { refused: Pick<FaultView, "row" | "problem">[] }) {
  const { refused: label } = sendFileTexts.result;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, also by keyboard
    <section className="send-table" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{columns.row}</th>
            <th scope="col">{sendFileTexts.result.answer}</th>
          </tr>
        </thead>
        <tbody>
          {refused.map(({ row, problem }) => (
            <tr key={row}>
              <th scope="row">{row}</th>
              <td>{problem}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
