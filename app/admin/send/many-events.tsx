import { useFetcher, useNavigate } from "@remix-run/react";
import {
  BlockStack,
  Button,
  ButtonGroup,
  Card,
  DropZone,
  InlineStack,
  Text,
} from "@shopify/polaris";
import { useEffect, useState } from "react";
import { saveFile } from "#app/admin/shell/save-file.ts";
import type { SendAnswer } from "./answer-send-form.server.ts";
import { CheckedFile, FileResult } from "./file-result.tsx";
import { sendFileTexts } from "./file-texts.ts";
import type { SendFormView } from "./load-send-form.server.ts";
import type { SendMode } from "./send-form.ts";

export function ManyEvents({ view, mode }: { view: SendFormView; mode: SendMode }) {
  const [file, setFile] = useState<File | null>(null);
  const [token, setToken] = useState(view.eventId);
  const check = useFetcher<SendAnswer>();
  const send = useFetcher<SendAnswer>();
  const [checked, setChecked] = useState<File | null>(null);
  const [sent, setSent] = useState<File | null>(null);
  const navigate = useNavigate();
  const isBusy = check.state !== "idle" || send.state !== "idle";
  const post = (intent: "check-file" | "send-file") => {
    if (file === null || isBusy) return;
    const data = new FormData();
    for (const [key, value] of Object.entries({ intent, mode, token })) data.set(key, value);
    data.set("file", file);
    const fetcher = intent === "check-file" ? check : send;
    (intent === "check-file" ? setChecked : setSent)(file);
    fetcher.submit(data, { method: "post", encType: "multipart/form-data" });
  };
  const choose = (chosen: File) => {
    setFile(chosen);
    setToken(crypto.randomUUID());
  };
  const runUrl = send.data?.intent === "send-file" && !send.data.problem ? send.data.runUrl : null;
  useEffect(() => {
    if (runUrl !== null) navigate(runUrl);
  }, [runUrl, navigate]);
  return (
    <BlockStack gap="400">
      <FileChoice
        view={view}
        file={file}
        isBusy={check.state !== "idle"}
        onChoose={choose}
        onCheck={() => post("check-file")}
      />
      {check.state === "idle" && check.data !== undefined && checked === file && (
        <CheckedFile
          answer={check.data}
          mode={mode}
          isBusy={isBusy}
          onSend={() => post("send-file")}
        />
      )}
      {send.state === "idle" && send.data !== undefined && sent === file && (
        <FileResult answer={send.data} />
      )}
    </BlockStack>
  );
}

const { drop, check: checkLabel } = sendFileTexts;

interface FileChoiceProps {
  view: SendFormView;
  file: File | null;
  isBusy: boolean;
  onChoose: (file: File) => void;
  onCheck: () => void;
}

/** The file is kept in the page, and posted again for each step: nothing of it is stored meanwhile. */
function FileChoice({ view, file, isBusy, onChoose, onCheck }: FileChoiceProps) {
  const choose = ([chosen]: File[]) => {
    if (chosen !== undefined) onChoose(chosen);
  };
  return (
    <Card>
      <BlockStack gap="400">
        <BlockStack gap="100">
          <Text as="h2" variant="headingMd">
            {drop.title}
          </Text>
          <Text as="p" tone="subdued">
            {view.columnsHelp}
          </Text>
        </BlockStack>
        <DropZone
          id="send-file"
          label={drop.label}
          allowMultiple={false}
          type="file"
          onDropAccepted={choose}
        >
          {file === null ? (
            <DropZone.FileUpload actionTitle={drop.action} actionHint={drop.hint} />
          ) : (
            <DropZone.FileUpload actionTitle={drop.change} actionHint={file.name} />
          )}
        </DropZone>
        <Text as="p" tone="subdued">
          {drop.kept}
        </Text>
        <InlineStack align="end" blockAlign="center" gap="200">
          {file === null && (
            <Text as="p" tone="subdued">
              {drop.first}
            </Text>
          )}
          <ButtonGroup>
            <Button
              variant="plain"
              onClick={() => saveFile(new Blob([view.sampleFile]), drop.sampleName)}
            >
              {drop.sample}
            </Button>
            <Button onClick={onCheck} disabled={file === null} loading={isBusy}>
              {checkLabel}
            </Button>
          </ButtonGroup>
        </InlineStack>
      </BlockStack>
    </Card>
  );
}
