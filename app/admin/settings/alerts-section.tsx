import { useFetcher } from "@remix-run/react";
import { BlockStack, Button, Checkbox, InlineStack, Text, TextField } from "@shopify/polaris";
import { Note, NoticeView } from "#app/admin/shell/notice-view.tsx";
import { type NoticeWords, noticeText } from "#app/events/notices/notice.ts";
import { fieldsIn, findSetting } from "#app/events/settings-table.ts";
import type { TestAnswer } from "./describe-answer.server.ts";
import { SettingsSection } from "./settings-sections.tsx";
import { alertTexts } from "./texts.ts";
import type { SettingsForm } from "./use-settings-form.ts";

const FIELDS = fieldsIn("alerts");
const LISTS = FIELDS.filter(({ name }) => findSetting(name)?.isList === true);
const CHOICES = FIELDS.filter(({ name }) => findSetting(name)?.isList === undefined);

interface AlertsSectionProps {
  form: SettingsForm;
  /** Why no email can be sent; null where one can. */
  mailProblem: NoticeWords | null;
}

export function AlertsSection({ form, mailProblem }: AlertsSectionProps) {
  return (
    <SettingsSection {...alertTexts.section}>
      <Text as="p">{alertTexts.when}</Text>
      {LISTS.map(({ name, label, help }) => (
        <BlockStack key={name} gap="200">
          <TextField
            label={label}
            helpText={help}
            value={form.values[name] ?? ""}
            onChange={(value) => form.set(name, value)}
            error={form.faults[name] ?? false}
            multiline={2}
            autoComplete="off"
            spellCheck={false}
          />
          {name === "alert_emails" && mailProblem !== null && (
            <Note tone="info" title={mailProblem.title} text={noticeText(mailProblem)} />
          )}
        </BlockStack>
      ))}
      <BlockStack gap="200">
        <Text as="h3" variant="headingSm">
          {alertTexts.choose}
        </Text>
        {CHOICES.map(({ name, label, help }) => (
          <Checkbox
            key={name}
            label={label}
            helpText={help}
            checked={form.values[name] === "on"}
            onChange={(isOn) => form.set(name, isOn ? "on" : "off")}
          />
        ))}
      </BlockStack>
      <TestAlert form={form} hasMail={mailProblem === null} />
    </SettingsSection>
  );
}

/** Sends a test alert to the saved addresses; without one, a text beside the button says so. */
function TestAlert({ form, hasMail }: { form: SettingsForm; hasMail: boolean }) {
  const fetcher = useFetcher<TestAnswer>();
  const isChanged = LISTS.some(({ name }) => form.values[name] !== form.base[name]);
  const saved = LISTS.filter(({ name }) => hasMail || name !== "alert_emails");
  const isEmpty = saved.every(({ name }) => (form.base[name] ?? "") === "");
  const why = isChanged ? alertTexts.saveFirst : isEmpty ? alertTexts.nobody : null;
  const submit = () => fetcher.submit({}, { method: "post", action: "/app/settings/test-alert" });
  return (
    <BlockStack gap="300">
      <InlineStack gap="300" blockAlign="center">
        <Button disabled={why !== null} loading={fetcher.state !== "idle"} onClick={submit}>
          {alertTexts.test}
        </Button>
        {why !== null && (
          <Text as="span" tone="subdued">
            {why}
          </Text>
        )}
      </InlineStack>
      <div aria-live="polite">
        {fetcher.data !== undefined && fetcher.state === "idle" && <Results {...fetcher.data} />}
      </div>
    </BlockStack>
  );
}

function Results({ results, problem }: TestAnswer) {
  return (
    <BlockStack gap="200">
      {problem !== null && <NoticeView place="note" notice={problem} />}
      {results.map((result) =>
        result.problem === null ? (
          <Note key={result.text} tone="info" text={result.text} />
        ) : (
          <NoticeView key={result.text} place="note" notice={result.problem} />
        ),
      )}
    </BlockStack>
  );
}
