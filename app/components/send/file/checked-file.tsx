import { BlockStack, Button, ButtonGroup, InlineStack, Text } from "@shopify/polaris";
import { useState } from "react";
import { Lost } from "#app/components/send/lost.tsx";
import { ResultCard } from "#app/components/send/result-card.tsx";
import { Code } from "#app/components/shell/code.tsx";
import { ConfirmDialog } from "#app/components/shell/confirm-dialog.tsx";
import { saveFile } from "#app/components/shell/save-file.ts";
import type { SendMode } from "#app/events/screens/send-form.ts";
import { sendFileTexts } from "#app/texts/send/send-file.ts";
import type { CheckedFileView, SendAnswer } from "#app/texts/send/send-views.ts";
import { FaultTable } from "./fault-table.tsx";
import { FileProblem } from "./file-problem.tsx";

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
