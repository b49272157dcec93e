import { useFetcher } from "@remix-run/react";
import {
  BlockStack,
  Button,
  ButtonGroup,
  Card,
  Collapsible,
  Icon,
  InlineGrid,
  InlineStack,
  Text,
  useBreakpoints,
} from "@shopify/polaris";
import { AlertTriangleIcon, CheckCircleIcon } from "@shopify/polaris-icons";
import { useEffect, useState } from "react";
import { Code } from "#app/admin/shell/code.tsx";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import type { SendAnswer } from "./answer-send-form.server.ts";
import {
  EventFields,
  type Preview,
  toFormData,
  useEventForm,
  usePreview,
} from "./event-fields.tsx";
import type { SendFormView } from "./load-send-form.server.ts";
import { EventResult, Lost, ModeBadge, ResultCard } from "./result-card.tsx";
import type { SendFaults, SendFields, SendMode } from "./send-form.ts";
import { sendTexts } from "./texts.ts";

const { ask, checked, result: resultTexts } = sendTexts;

export function OneEvent({ view, mode }: { view: SendFormView; mode: SendMode }) {
  const form = useEventForm(view);
  const preview = usePreview(form);
  const { submit, state, data } = useFetcher<SendAnswer>();
  const [asked, setAsked] = useState<SendFields | null>(null);
  const [isAsking, setIsAsking] = useState(false);
  const isBusy = state !== "idle";
  // An answer no longer applies once the form has changed.
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
  const known = { ...preview.view?.faults, ...listFaults(answer) };
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

function listFaults(answer: SendAnswer | undefined): SendFaults {
  if (answer?.intent === "send") return answer.faults;
  return answer !== undefined && "preview" in answer ? answer.preview.faults : {};
}

function Answer({ answer, onClear }: { answer: SendAnswer; onClear: (eventId: string) => void }) {
  if (Object.keys(listFaults(answer)).length > 0) {
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

const { help, send: buttons } = sendTexts;

interface SendActionsProps {
  mode: SendMode;
  isIdentified: boolean | null;
  isBusy: boolean;
  onCheck: () => void;
  onSend: () => void;
}

/** What to do with the event. First in its column: nothing above it may move it under a finger. */
function SendActions({ mode, isIdentified, isBusy, onCheck, onSend }: SendActionsProps) {
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <ModeBadge mode={mode} />
          <ButtonGroup>
            <Button onClick={onCheck} disabled={isBusy}>
              {sendTexts.check}
            </Button>
            <Button variant="primary" loading={isBusy} onClick={onSend}>
              {mode === "live" ? buttons.liveDots : buttons[mode]}
            </Button>
          </ButtonGroup>
        </InlineStack>
        <Identity isMet={isIdentified} />
      </BlockStack>
    </Card>
  );
}

/** Whether Pinterest could match the event to a person: known before it is sent. */
function Identity({ isMet }: { isMet: boolean | null }) {
  if (isMet === null) return null;
  return (
    <InlineStack gap="200" wrap={false} blockAlign="start">
      <span>
        {isMet ? (
          <Icon source={CheckCircleIcon} tone="success" />
        ) : (
          <Icon source={AlertTriangleIcon} tone="warning" />
        )}
      </span>
      <BlockStack gap="050">
        <Text as="p">{isMet ? help.identityMet : help.identity}</Text>
        {!isMet && (
          <Text as="p" tone="subdued">
            {help.identityWhy}
          </Text>
        )}
      </BlockStack>
    </InlineStack>
  );
}

const { preview: texts } = sendTexts;

/** The body that would be sent; on a phone behind a button. */
function EventPreview({ preview }: { preview: Preview }) {
  const { smDown } = useBreakpoints();
  const [isOpen, setIsOpen] = useState(false);
  const { view, isLost } = preview;
  const body = view?.body ?? null;
  return (
    <Card>
      <BlockStack gap="400">
        <BlockStack gap="100">
          <Text as="h2" variant="headingMd">
            {texts.title}
          </Text>
          <Text as="p" tone="subdued">
            {isLost ? texts.offline : texts.hint}
          </Text>
        </BlockStack>
        {smDown && body !== null && (
          <Button
            onClick={() => setIsOpen(!isOpen)}
            ariaExpanded={isOpen}
            ariaControls="send-body"
            disclosure={isOpen ? "up" : "down"}
          >
            {isOpen ? texts.hide : texts.show}
          </Button>
        )}
        {/* Without a movement: on a phone it is folded right after the page came, and Polaris may miss
        the end of a movement that began then, which leaves it half folded. */}
        <Collapsible id="send-body" open={!smDown || isOpen || body === null} transition={false}>
          {body === null ? (
            <Text as="p">{view === null ? texts.waiting : texts.faulty}</Text>
          ) : (
            <Code label={texts.label} text={body} />
          )}
        </Collapsible>
      </BlockStack>
    </Card>
  );
}
