import { BlockStack, Button, ButtonGroup, InlineStack, Text } from "@shopify/polaris";
import { useState } from "react";
import { Code } from "#app/admin/shell/code.tsx";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { saveFile } from "#app/admin/shell/save-file.ts";
import { FaultTable } from "./fault-table.tsx";
import { FileProblem } from "./file-problem.tsx";
import { sendFileTexts } from "./file-texts.ts";
import { Lost } from "./lost.tsx";
import { ResultCard } from "./result-card.tsx";
import type { SendMode } from "./send-form.ts";
import type { CheckedFileView, SendAnswer } from "./view.ts";

interface CheckedFileProps {
  answer: SendAnswer;
  mode: SendMode;
  isBusy: boolean;
  onSend: () => void;
}

/** What the check of a file found, and the way on. */
export function CheckedFile({ answer, ...props }: CheckedFileProps) {
  if (answer.intent !== "check-file") return <Lost answer={answer} />;
  if (answer.problem !== null) return <FileProblem problem={answer.problem} answer={answer} />;
  return <Found check={answer.check} {...props} />;
}

const { checked: texts } = sendFileTexts;

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
            {texts.firstBody}
          </Text>
          <Code label={texts.firstBody} text={check.firstBody} />
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
