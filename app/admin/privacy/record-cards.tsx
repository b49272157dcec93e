import { Badge, BlockStack, Button, Link, Text } from "@shopify/polaris";
import type { CSSProperties, ReactNode } from "react";
import { BrowserLines } from "#app/admin/shell/browser-lines.tsx";
import type { BrowserData } from "#app/admin/shell/describe-browser.server.ts";
import { NoticeView } from "#app/admin/shell/notice-view.tsx";
import { TitledCard } from "#app/admin/shell/plain-table.tsx";
import { useDownload } from "#app/admin/shell/save-file.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { Time } from "#app/admin/shell/time.tsx";
import { type DataMapEntry, dataMap } from "./data-map.ts";
import type { RequestRow } from "./read-privacy.server.ts";
import { privacyTexts } from "./texts.ts";
import "./privacy.css";

const { none, answerHelp, download, stays } = privacyTexts.requests;

/** The requests of customers through Shopify, and when each is due. */
export function RequestsCard({ requests }: { requests: RequestRow[] }) {
  return (
    <TitledCard
      title={privacyTexts.requests.title}
      about={
        <>
          <Text as="p">{privacyTexts.requests.about}</Text>
          <Text as="p">{answerHelp}</Text>
          <Text as="p" tone="subdued">
            {stays}
          </Text>
          {requests.length === 0 && <Text as="p">{none}</Text>}
        </>
      }
    >
      {requests.length > 0 && (
        <RecordList
          columns={[
            privacyTexts.requests.columns.what,
            privacyTexts.requests.columns.received,
            privacyTexts.requests.columns.due,
            privacyTexts.requests.columns.state,
            privacyTexts.requests.columns.removed,
          ]}
          records={requests.map((request) => ({
            id: request.id,
            name: (
              <Text as="span" fontWeight="semibold">
                {request.what}
              </Text>
            ),
            facts: [
              <Time key="received" moment={request.received} />,
              <Time key="due" moment={request.due} />,
              <Badge
                key="state"
                toneAndProgressLabelOverride={shellTexts.state}
                {...(request.tone !== "none" && { tone: request.tone })}
              >
                {request.state}
              </Badge>,
              <Removed key="removed" request={request} />,
            ],
            isCritical: request.tone === "critical",
          }))}
        />
      )}
    </TitledCard>
  );
}

function Removed({ request }: { request: RequestRow }) {
  return (
    <>
      {request.removed}
      {request.pinterest !== null && (
        <Text as="p" tone="subdued">
          {request.pinterest}
        </Text>
      )}
      {request.answer !== null && <AnswerButton id={request.id} answer={request.answer} />}
    </>
  );
}

function AnswerButton({ id, answer }: { id: string; answer: NonNullable<RequestRow["answer"]> }) {
  const file = useDownload(`/app/settings/privacy/answers/${id}`, answer.fileName);
  return (
    <BlockStack gap="100" inlineAlign="start">
      <Button
        variant="plain"
        onClick={file.start}
        loading={file.isLoading}
        accessibilityLabel={answer.label}
      >
        {download}
      </Button>
      {file.problem !== null && <NoticeView place="alert" notice={file.problem} />}
    </BlockStack>
  );
}

const { policy, policyUrl } = privacyTexts.map;

/** Every field: where it comes from, how it is kept, what Pinterest gets. */
export function DataMapCard({ browser }: { browser: BrowserData }) {
  return (
    <TitledCard
      title={privacyTexts.map.title}
      about={
        <>
          <Text as="p">{privacyTexts.map.about}</Text>
          <BrowserLines browser={browser} />
          <Text as="p">
            <Link url={policyUrl} target="_top">
              {policy}
            </Link>
          </Text>
        </>
      }
    >
      <RecordList
        columns={[
          privacyTexts.map.columns.field,
          privacyTexts.map.columns.from,
          privacyTexts.map.columns.kept,
          privacyTexts.map.columns.sent,
          privacyTexts.map.columns.why,
        ]}
        records={dataMap.map((entry) => ({
          id: entry.key ?? entry.field,
          name: <FieldName entry={entry} />,
          facts: [entry.from, entry.kept, entry.sent, entry.why],
        }))}
      />
    </TitledCard>
  );
}

function FieldName({ entry: { field, key } }: { entry: DataMapEntry }) {
  return (
    <>
      <Text as="span" fontWeight="semibold">
        {field}
      </Text>
      {key !== null && (
        <Text as="span" tone="subdued" variant="bodySm" breakWord>
          {" "}
          <code translate="no">{key}</code>
        </Text>
      )}
    </>
  );
}

interface RecordListProps {
  /** The first value is the record's name, the others are its facts. */
  columns: readonly string[];
  records: { id: string; name: ReactNode; facts: ReactNode[]; isCritical?: boolean }[];
}

/**
 * Records with a few facts each: side by side under common titles where there is room, one below
 * the other where there is not. One list of definitions at every width.
 */
function RecordList({ columns, records }: RecordListProps) {
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
