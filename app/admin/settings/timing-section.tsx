import { Checkbox, TextField } from "@shopify/polaris";
import { SettingsSection } from "./settings-section.tsx";
import { timingTexts } from "./texts.ts";
import type { SettingsForm } from "./use-settings-form.ts";

const CLEANUPS = [
  { name: "test_orders", label: timingTexts.test, helpText: timingTexts.testHelp },
  { name: "zero_total_orders", label: timingTexts.zero, helpText: timingTexts.zeroHelp },
  { name: "cancelled_orders", label: timingTexts.cancelled, helpText: timingTexts.cancelledHelp },
] as const;

export function TimingSection({ form }: { form: SettingsForm }) {
  return (
    <SettingsSection title={timingTexts.title} about={timingTexts.about}>
      <TextField
        label={timingTexts.hold}
        helpText={timingTexts.holdHelp}
        value={form.values.hold_seconds ?? ""}
        onChange={(value) => form.set("hold_seconds", value)}
        error={form.faults.hold_seconds ?? false}
        inputMode="numeric"
        autoComplete="off"
      />
      {CLEANUPS.map(({ name, label, helpText }) => (
        <Checkbox
          key={name}
          label={label}
          helpText={helpText}
          checked={form.values[name] === "skip"}
          onChange={(isOn) => form.set(name, isOn ? "skip" : "send")}
        />
      ))}
    </SettingsSection>
  );
}
