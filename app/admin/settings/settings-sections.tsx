import {
  BlockStack,
  Box,
  Card,
  Checkbox,
  ChoiceList,
  InlineGrid,
  Select,
  SkeletonBodyText,
  Text,
  TextField,
} from "@shopify/polaris";
import { type ReactNode, useId } from "react";
import { Guarded } from "#app/admin/shell/guarded.tsx";
import { BESIDE_CARDS } from "#app/admin/shell/page.tsx";
import { lookUp } from "#app/events/look-up.ts";
import { fieldsIn, listChoices, SETTINGS } from "#app/events/settings-table.ts";
import type { PreviewTexts } from "./describe-preview.server.ts";
import { eventsTexts, sourceTexts, timingTexts, valueTexts } from "./texts.ts";
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
    <SettingsSection {...eventsTexts.section}>
      <ChoiceList
        title={SETTINGS.purchase_trigger.name}
        choices={listChoices("purchase_trigger").map((choice) => ({
          ...choice,
          ...(choice.value === "order_paid" && { helpText: eventsTexts.paidHelp }),
        }))}
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
        label={SETTINGS.signup_from.field.label}
        helpText={SETTINGS.signup_from.field.help}
        options={listChoices("signup_from")}
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
  preview: PreviewTexts | null;
}

export function ValueSection({ form, preview }: ValueSectionProps) {
  const { value_basis: basis = "", currency_basis: currency = "" } = form.values;
  return (
    <SettingsSection {...valueTexts.section}>
      <ChoiceList
        title={SETTINGS.value_basis.field.label}
        choices={listChoices("value_basis").map(withHelp)}
        selected={[basis]}
        onChange={([value]) => form.set("value_basis", value)}
      />
      <ChoiceList
        title={SETTINGS.currency_basis.name}
        choices={listChoices("currency_basis").map(withHelp)}
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

function withHelp(choice: { value: string; label: string }) {
  return { ...choice, helpText: lookUp(valueTexts.helps, choice.value) };
}

interface SourcesSectionProps {
  form: SettingsForm;
  sources: readonly { name: string; label: string; count: string }[];
}

const RULES = listChoices("source");
/** A source without a rule of its own follows that of the other apps. */
const FOLLOWS = { value: "", label: sourceTexts.asOther };
const ALWAYS_RULED = new Set(["web", "pos", "other"]);

export function SourcesSection({ form, sources }: SourcesSectionProps) {
  return (
    <SettingsSection {...sourceTexts.section}>
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
    <SettingsSection {...timingTexts.section}>
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

interface SettingsSectionProps {
  id: string;
  title: string;
  about: string;
  children: ReactNode;
}

/** A card of settings with what it is about: beside it, and above it on phones. */
export function SettingsSection({ id, title, about, children }: SettingsSectionProps) {
  const headingId = useId();
  return (
    <section id={id} tabIndex={-1} aria-labelledby={headingId}>
      <InlineGrid columns={{ xs: 1, md: ["oneThird", "twoThirds"] }} gap="400">
        <Box paddingInline={BESIDE_CARDS}>
          <BlockStack gap="100">
            <Text as="h2" variant="headingMd" id={headingId}>
              {title}
            </Text>
            <Text as="p" tone="subdued">
              {about}
            </Text>
          </BlockStack>
        </Box>
        <Guarded name={title} as="card">
          <Card>
            <BlockStack gap="400">{children}</BlockStack>
          </Card>
        </Guarded>
      </InlineGrid>
    </section>
  );
}
