import { Text, TextField } from "@shopify/polaris";
import { fieldsIn } from "#app/events/settings-table.ts";
import { SettingsSection } from "./settings-section.tsx";
import { alertTexts } from "./texts.ts";
import type { SettingsForm } from "./use-settings-form.ts";

const LISTS = fieldsIn("alerts");

export function AlertsSection({ form }: { form: SettingsForm }) {
  return (
    <SettingsSection title={alertTexts.title} about={alertTexts.about}>
      <Text as="p">{alertTexts.notYet}</Text>
      {LISTS.map(({ name, label, help }) => (
        <TextField
          key={name}
          label={label}
          helpText={help}
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
