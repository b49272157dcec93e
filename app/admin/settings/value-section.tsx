import { ChoiceList, SkeletonBodyText, Text } from "@shopify/polaris";
import { SettingsSection } from "./settings-section.tsx";
import { valueTexts } from "./texts.ts";
import type { Preview } from "./use-preview.ts";
import type { SettingsForm } from "./use-settings-form.ts";

interface ValueSectionProps {
  form: SettingsForm;
  /** Null: not here yet. */
  preview: Preview | null;
}

export function ValueSection({ form, preview }: ValueSectionProps) {
  const { value_basis: basis = "", currency_basis: currency = "" } = form.values;
  return (
    <SettingsSection title={valueTexts.title} about={valueTexts.about}>
      <ChoiceList
        title={valueTexts.basis}
        choices={[
          {
            label: valueTexts.subtotalBeforeTax,
            value: "subtotal_before_tax",
            helpText: valueTexts.recommended,
          },
          { label: valueTexts.subtotal, value: "subtotal", helpText: valueTexts.subtotalHelp },
          { label: valueTexts.total, value: "total", helpText: valueTexts.totalHelp },
        ]}
        selected={[basis]}
        onChange={([value]) => form.set("value_basis", value)}
      />
      <ChoiceList
        title={valueTexts.currency}
        choices={[
          { label: valueTexts.shop, value: "shop" },
          {
            label: valueTexts.presentment,
            value: "presentment",
            helpText: valueTexts.presentmentHelp,
          },
        ]}
        selected={[currency]}
        onChange={([value]) => form.set("currency_basis", value)}
      />
      {preview === null ? (
        <SkeletonBodyText lines={1} />
      ) : (
        <Text as="p" fontWeight="medium">
          <span aria-live="polite">
            {preview.valueNote ?? preview.values[`${basis} ${currency}`] ?? ""}
          </span>
        </Text>
      )}
    </SettingsSection>
  );
}
