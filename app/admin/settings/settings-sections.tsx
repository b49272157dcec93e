import {
  BlockStack,
  Checkbox,
  ChoiceList,
  InlineGrid,
  Select,
  SkeletonBodyText,
  Text,
  TextField,
} from "@shopify/polaris";
import { fieldsIn, SETTINGS } from "#app/events/settings-table.ts";
import { SettingsSection } from "./settings-section.tsx";
import { alertTexts, eventsTexts, sourceTexts, timingTexts, valueTexts } from "./texts.ts";
import type { Preview } from "./use-preview.ts";
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
