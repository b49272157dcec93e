import { useFetcher } from "@remix-run/react";
import { BlockStack, Button, InlineGrid, Text } from "@shopify/polaris";
import { useEffect, useState } from "react";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { EventFields } from "./event-fields.tsx";
import { EventPreview } from "./event-preview.tsx";
import { EventResult } from "./event-result.tsx";
import { Lost } from "./lost.tsx";
import { ResultCard } from "./result-card.tsx";
import { SendActions } from "./send-actions.tsx";
import type { SendFaults, SendFields, SendMode } from "./send-form.ts";
import { sendTexts } from "./texts.ts";
import { toFormData, useEventForm } from "./use-event-form.ts";
import { usePreview } from "./use-preview.ts";
import type { SendAnswer, SendFormView } from "./view.ts";

const { ask, checked, result: resultTexts } = sendTexts;

export function OneEvent({ view, mode }: { view: SendFormView; mode: SendMode }) {
  const form = useEventForm(view);
  const preview = usePreview(form);
  const { submit, state, data } = useFetcher<SendAnswer>();
  const [asked, setAsked] = useState<SendFields | null>(null);
  const [isAsking, setIsAsking] = useState(false);
  const isBusy = state !== "idle";
  // Of a form that has changed since, an answer says nothing any more.
  const answer = asked === form.fields && !isBusy ? data : undefined;
  const post = (intent: "check" | "send") => {
    if (isBusy) return;
    form.leaveAll();
    setAsked(form.fields);
    setIsAsking(false);
    submit(toFormData(intent, form, { mode }), { method: "post" });
  };
  const { take } = form;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each answer
  useEffect(() => {
    if (data?.intent === "send" && data.report?.isStored) take(data.report.nextEventId);
  }, [data]);
  const known = { ...preview.view?.faults, ...faultsOf(answer) };
  return (
    <>
      <InlineGrid columns={{ xs: 1, lg: 2 }} gap="400" alignItems="start">
        <EventFields form={form} view={view} faults={form.shown(known)} />
        <BlockStack gap="400">
          <SendActions
            mode={mode}
            isIdentified={preview.view?.isIdentified ?? null}
            isBusy={isBusy}
            onCheck={() => post("check")}
            onSend={() => (mode === "live" ? setIsAsking(true) : post("send"))}
          />
          {answer !== undefined && <Answer answer={answer} onClear={form.clear} />}
          <EventPreview preview={preview} />
        </BlockStack>
      </InlineGrid>
      <ConfirmDialog
        isOpen={isAsking}
        title={ask.title}
        action={ask.confirm}
        onConfirm={() => post("send")}
        onCancel={() => setIsAsking(false)}
      >
        <Text as="p">{view.liveQuestion}</Text>
      </ConfirmDialog>
    </>
  );
}

function faultsOf(answer: SendAnswer | undefined): SendFaults {
  if (answer?.intent === "send") return answer.faults;
  return answer !== undefined && "preview" in answer ? answer.preview.faults : {};
}

function Answer({ answer, onClear }: { answer: SendAnswer; onClear: (eventId: string) => void }) {
  if (Object.keys(faultsOf(answer)).length > 0) {
    const { faults: title, faultyText: text } = checked;
    return <Plain tone="critical" title={title} text={text} answer={answer} />;
  }
  switch (answer.intent) {
    case "check": {
      const isMet = answer.preview.isIdentified !== false;
      return isMet ? (
        <Plain tone="success" title={checked.ready} text={checked.readyText} answer={answer} />
      ) : (
        <Plain
          tone="warning"
          title={checked.noIdentity}
          text={resultTexts.identity}
          answer={answer}
        />
      );
    }
    case "send": {
      const { mode, report } = answer;
      if (report === null) return null;
      return (
        <EventResult mode={mode} report={report}>
          {report.isStored && (
            <Button onClick={() => onClear(report.nextEventId)}>{sendTexts.clear}</Button>
          )}
        </EventResult>
      );
    }
    default:
      return <Lost answer={answer} />;
  }
}

function Plain(props: Omit<React.ComponentProps<typeof ResultCard>, "mode">) {
  return <ResultCard {...props} mode={null} />;
}
