import { Text, TextField } from "@shopify/polaris";
import { SettingsSection } from "./settings-section.tsx";
import { alertTexts } from "./texts.ts";
import type { SettingsForm } from "./use-settings-form.ts";

const LISTS = [
  { name: "alert_emails", label: alertTexts.emails, helpText: alertTexts.emailsHelp },
  { name: "alert_webhook_url", label: alertTexts.webhooks, helpText: alertTexts.webhooksHelp },
] as const;

export function AlertsSection({ form }: { form: SettingsForm }) {
  return (
    <SettingsSection title={alertTexts.title} about={alertTexts.about}>
      <Text as="p">{alertTexts.notYet}</Text>
      {LISTS.map(({ name, label, helpText }) => (
        <TextField
          key={name}
          label={label}
          helpText={helpText}
          value={form.values[name] ?? ""}
          onChange={(value) => form.set(name, value)}
          error={form.faults[name] ?? false}
          multiline={2}
          autoComplete="off"
          spellCheck={false}
        />
      ))}
    </SettingsSection>
  );
}
