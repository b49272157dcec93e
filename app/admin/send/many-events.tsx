import { useFetcher, useNavigate } from "@remix-run/react";
import { BlockStack } from "@shopify/polaris";
import { useEffect, useState } from "react";
import { CheckedFile } from "./checked-file.tsx";
import { FileChoice } from "./file-choice.tsx";
import { FileResult } from "./file-result.tsx";
import type { SendMode } from "./send-form.ts";
import type { SendAnswer, SendFormView } from "./view.ts";

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
