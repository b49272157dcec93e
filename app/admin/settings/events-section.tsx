import { BlockStack, Checkbox, ChoiceList, Select, Text } from "@shopify/polaris";
import { SETTINGS } from "#app/events/settings-table.ts";
import { SettingsSection } from "./settings-section.tsx";
import { eventsTexts } from "./texts.ts";
import type { SettingsForm } from "./use-settings-form.ts";

const KINDS = [
  "initiate_checkout",
  "add_payment_info",
  "signup",
  "page_visit",
  "view_category",
  "search",
  "add_to_cart",
] as const;

interface EventsSectionProps {
  form: SettingsForm;
  weekCounts: Readonly<Record<string, string>>;
}

export function EventsSection({ form, weekCounts }: EventsSectionProps) {
  return (
    <SettingsSection title={eventsTexts.title} about={eventsTexts.about}>
      <ChoiceList
        title={eventsTexts.purchase}
        choices={[
          { label: eventsTexts.created, value: "order_created" },
          { label: eventsTexts.paid, value: "order_paid", helpText: eventsTexts.paidHelp },
        ]}
        selected={[form.values.purchase_trigger ?? ""]}
        onChange={([value]) => form.set("purchase_trigger", value)}
      />
      <Text as="p" tone="subdued">
        {weekCounts.checkout}
      </Text>
      <BlockStack gap="200">
        {KINDS.map((kind) => (
          <Checkbox
            key={kind}
            label={SETTINGS[`events.${kind}`].name}
            helpText={weekCounts[kind]}
            checked={form.values[`events.${kind}`] === "on"}
            onChange={(isOn) => form.set(`events.${kind}`, isOn ? "on" : "off")}
          />
        ))}
      </BlockStack>
      <Select
        label={eventsTexts.signupFrom}
        helpText={eventsTexts.signupFromHelp}
        options={[
          { label: eventsTexts.noCheckout, value: "no_checkout" },
          { label: eventsTexts.account, value: "account" },
          { label: eventsTexts.anyCustomer, value: "any_customer" },
        ]}
        value={form.values.signup_from ?? ""}
        onChange={(value) => form.set("signup_from", value)}
        disabled={form.values["events.signup"] === "off"}
      />
      <Checkbox
        label={SETTINGS.pixel_fallback.field.label}
        helpText={SETTINGS.pixel_fallback.field.help}
        checked={form.values.pixel_fallback === "on"}
        onChange={(isOn) => form.set("pixel_fallback", isOn ? "on" : "off")}
      />
    </SettingsSection>
  );
}
