import { PlainTable } from "#app/admin/shell/plain-table.tsx";
import { eventDetailTexts } from "./texts.ts";
import type { SentField } from "./view.ts";
import "./sent-fields.css";

const { headers } = eventDetailTexts;

/** Each field, how it went, and where it came from or why it did not go. */
export function SentFields({ fields }: { fields: readonly SentField[] }) {
  return (
    <PlainTable
      caption={eventDetailTexts.sent}
      columns={[headers.field, headers.treatment, headers.value, headers.origin]}
      rows={fields.map((field) => ({
        id: field.key,
        head: <FieldName label={field.label} path={field.key} />,
        cells: [field.treatment, <Values key="values" field={field} />, field.origin],
      }))}
    />
  );
}

/** As a merchant calls it, and as the API does. */
export function FieldName({ label, path }: { label: string; path: string }) {
  return (
    <>
      {label}{" "}
      <code className="sent-field-key" translate="no">
        {path}
      </code>
    </>
  );
}

function Values({ field: { values, isLeftOut } }: { field: SentField }) {
  if (isLeftOut) return <span>{values.join(" ")}</span>;
  return (
    <span translate="no">
      {values.map((value) => (
        <code key={value} className="sent-field-values">
          {value}
        </code>
      ))}
    </span>
  );
}
