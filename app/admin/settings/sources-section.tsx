import { InlineGrid, Select } from "@shopify/polaris";
import { SettingsSection } from "./settings-section.tsx";
import { sourceTexts } from "./texts.ts";
import type { SettingsForm } from "./use-settings-form.ts";

interface SourcesSectionProps {
  form: SettingsForm;
  sources: readonly { name: string; label: string; count: string }[];
}

const RULES = [
  { value: "send", label: sourceTexts.send },
  { value: "offline", label: sourceTexts.offline },
  { value: "skip", label: sourceTexts.skip },
];
/** A source without a rule of its own follows that of the other apps. */
const FOLLOWS = { value: "", label: sourceTexts.asOther };
const ALWAYS_RULED = new Set(["web", "pos", "other"]);

export function SourcesSection({ form, sources }: SourcesSectionProps) {
  return (
    <SettingsSection title={sourceTexts.title} about={sourceTexts.about}>
      <InlineGrid columns={{ xs: 1, sm: 2 }} gap="400">
        {sources.map(({ name, label, count }) => (
          <Select
            key={name}
            label={label}
            helpText={name === "other" ? sourceTexts.otherHelp : count}
            options={ALWAYS_RULED.has(name) ? RULES : [FOLLOWS, ...RULES]}
            value={form.values[`source.${name}`] ?? ""}
            onChange={(value) => form.set(`source.${name}`, value === "" ? undefined : value)}
            error={form.faults[`source.${name}`] ?? false}
          />
        ))}
      </InlineGrid>
    </SettingsSection>
  );
}
