import { BlockStack, Button, ButtonGroup, InlineStack, Link, Text } from "@shopify/polaris";
import { useState } from "react";
import { Code } from "#app/admin/shell/code.tsx";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { saveFile } from "#app/admin/shell/save-file.ts";
import { type NoticeWords, noticeText } from "#app/events/notices/notice.ts";
import type { SendAnswer } from "./answer-send-form.server.ts";
import type { CheckedFileView, RowFault } from "./check-file.server.ts";
import { sendFileTexts } from "./file-texts.ts";
import { Lost, ResultCard } from "./result-card.tsx";
import type { SendMode } from "./send-form.ts";

const { checked, columns, result } = sendFileTexts;

/** The result of a file in demo or test mode; a live one has the page of its run. */
export function FileResult({ answer }: { answer: SendAnswer }) {
  if (answer.intent !== "send-file") return <Lost answer={answer} />;
  if (answer.problem !== null) return <FileProblem problem={answer.problem} answer={answer} />;
  const { report } = answer;
  if (report === null) return null;
  const { tone, title, text, mode, firstBody, refused } = report;
  return (
    <ResultCard tone={tone} title={title} text={text} mode={mode} answer={report}>
      {refused.length > 0 && <RefusedTable refused={refused} />}
      {firstBody !== null && (
        <BlockStack gap="100">
          <Text as="h3" variant="headingSm">
            {result.firstRequest}
          </Text>
          <Code label={result.firstRequest} text={firstBody} />
        </BlockStack>
      )}
    </ResultCard>
  );
}

interface CheckedFileProps {
  answer: SendAnswer;
  mode: SendMode;
  isBusy: boolean;
  onSend: () => void;
}

/** The result of a file's check, and the next step. */
export function CheckedFile({ answer, ...props }: CheckedFileProps) {
  if (answer.intent !== "check-file") return <Lost answer={answer} />;
  if (answer.problem !== null) return <FileProblem problem={answer.problem} answer={answer} />;
  return <Found check={answer.check} {...props} />;
}

interface FoundProps extends Omit<CheckedFileProps, "answer"> {
  check: CheckedFileView;
}

function Found({ check, mode, isBusy, onSend }: FoundProps) {
  const [isAsking, setIsAsking] = useState(false);
  const { words, download } = check;
  const send = () => {
    setIsAsking(false);
    onSend();
  };
  return (
    <ResultCard
      tone={check.unfit === 0 ? "success" : "warning"}
      title={check.title}
      text={check.text}
      mode={null}
      answer={check}
    >
      {check.faults.length > 0 && <FaultTable faults={check.faults} />}
      {check.moreFaults !== null && <Text as="p">{check.moreFaults}</Text>}
      {check.firstBody !== null && (
        <BlockStack gap="100">
          <Text as="h3" variant="headingSm">
            {checked.firstBody}
          </Text>
          <Code label={checked.firstBody} text={check.firstBody} />
        </BlockStack>
      )}
      <InlineStack align="end">
        <ButtonGroup>
          {download !== null && (
            <Button onClick={() => saveFile(new Blob([download.text]), download.name)}>
              {download.label}
            </Button>
          )}
          {check.ready > 0 && (
            <Button
              variant="primary"
              loading={isBusy}
              onClick={() => (mode === "live" ? setIsAsking(true) : send())}
            >
              {words[mode]}
            </Button>
          )}
        </ButtonGroup>
      </InlineStack>
      <ConfirmDialog
        isOpen={isAsking}
        title={words.askTitle}
        action={words.confirm}
        onConfirm={send}
        onCancel={() => setIsAsking(false)}
      >
        <Text as="p">{words.askText}</Text>
      </ConfirmDialog>
    </ResultCard>
  );
}

/** What needs changes, by the rows of the file. Each row can be linked to. */
function FaultTable({ faults }: { faults: RowFault[] }) {
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
          {faults.map(({ row, column, title, nextStep }) => (
            <tr key={`${row} ${column}`} id={`row-${row}`}>
              <th scope="row">
                <Link url={`#row-${row}`}>{String(row)}</Link>
              </th>
              <td translate="no">{column}</td>
              <td>{title}</td>
              <td>{nextStep}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Rows that Pinterest would reject, with its words. */
function RefusedTable({ refused }: { refused: { row: number; answer: string }[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, also by keyboard
    <section className="send-table" aria-label={result.refused} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{columns.row}</th>
            <th scope="col">{result.answer}</th>
          </tr>
        </thead>
        <tbody>
          {refused.map(({ row, answer }) => (
            <tr key={row}>
              <th scope="row">{row}</th>
              <td>{answer}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Why a file, or the request with it, failed. */
function FileProblem({ problem, answer }: { problem: NoticeWords; answer: unknown }) {
  return (
    <ResultCard
      tone="critical"
      title={problem.title}
      text={noticeText(problem)}
      mode={null}
      answer={answer}
    />
  );
}
