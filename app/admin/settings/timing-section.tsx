import { Checkbox, TextField } from "@shopify/polaris";
import { fieldsIn, SETTINGS } from "#app/events/settings-table.ts";
import { SettingsSection } from "./settings-section.tsx";
import { timingTexts } from "./texts.ts";
import type { SettingsForm } from "./use-settings-form.ts";

const hold = SETTINGS.hold_seconds.field;
/** Orders that are left out: all of the section but the hold time. */
const CLEANUPS = fieldsIn("timing").filter(({ name }) => name !== "hold_seconds");

export function TimingSection({ form }: { form: SettingsForm }) {
  return (
    <SettingsSection title={timingTexts.title} about={timingTexts.about}>
      <TextField
        label={hold.label}
        helpText={hold.help}
        value={form.values.hold_seconds ?? ""}
        onChange={(value) => form.set("hold_seconds", value)}
        error={form.faults.hold_seconds ?? false}
        inputMode="numeric"
        autoComplete="off"
      />
      {CLEANUPS.map(({ name, label, help }) => (
        <Checkbox
          key={name}
          label={label}
          helpText={help}
          checked={form.values[name] === "skip"}
          onChange={(isOn) => form.set(name, isOn ? "skip" : "send")}
        />
      ))}
    </SettingsSection>
  );
}
