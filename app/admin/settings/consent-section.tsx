import {
  BlockStack,
  Button,
  InlineGrid,
  InlineStack,
  Link,
  Select,
  Text,
  TextField,
} from "@shopify/polaris";
import { useState } from "react";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { PlainTable } from "#app/admin/shell/plain-table.tsx";
import { listCountries, REGIONS, type Region, readCountry } from "#app/events/country.ts";
import { lookUp } from "#app/events/look-up.ts";
import { capitalise, listChoices, REGION_NAMES } from "#app/events/settings-table.ts";
import type { ConsentRow, PreviewTexts } from "./describe-preview.server.ts";
import { regionCountries } from "./region-countries.ts";
import { SAMPLE_COUNTRIES } from "./settings-preview.ts";
import { SettingsSection } from "./settings-sections.tsx";
import { consentTexts } from "./texts.ts";
import type { SettingsForm } from "./use-settings-form.ts";

const RULES = listChoices("consent");
const RULED = [...(Object.keys(REGIONS) as Region[]), "default"] as const;
const PREFIX = "consent.";

interface ConsentSectionProps {
  form: SettingsForm;
  /** Null: not here yet. */
  preview: PreviewTexts | null;
}

export function ConsentSection({ form, preview }: ConsentSectionProps) {
  const rule = (region: string, label: string, helpText?: string) => (
    <Select
      key={region}
      label={label}
      helpText={helpText}
      options={RULES}
      value={form.values[PREFIX + region] ?? ""}
      onChange={(value) => form.set(PREFIX + region, value)}
      error={form.faults[PREFIX + region] ?? false}
    />
  );
  return (
    <SettingsSection {...consentTexts.section}>
      <InlineGrid columns={{ xs: 1, sm: 2 }} gap="400">
        {RULED.map((region) =>
          rule(region, capitalise(REGION_NAMES[region]), describeRegion(region)),
        )}
      </InlineGrid>
      {ownCountries(form).map((country) => (
        <InlineStack key={country} gap="200" blockAlign="end">
          {rule(country, nameCountry(country))}
          <Button
            accessibilityLabel={`${consentTexts.remove} ${nameCountry(country)}`}
            onClick={() => form.set(PREFIX + country, undefined)}
          >
            {consentTexts.remove}
          </Button>
        </InlineStack>
      ))}
      <AddCountry form={form} />
      <ConsentTable rows={preview?.consentCases ?? null} />
      <BlockStack gap="200">
        <Text as="p" fontWeight="medium">
          <span aria-live="polite">{preview?.consent}</span>
        </Text>
        <Text as="p" tone="subdued">
          {consentTexts.unknown}
        </Text>
      </BlockStack>
    </SettingsSection>
  );
}

/**
 * What would be sent of a shopper, by their country and what they said; `rows` null: not here yet.
 */
function ConsentTable({ rows }: { rows: ConsentRow[] | null }) {
  const { answers, asking, shopper, table } = consentTexts;
  const columns = Object.values(answers);
  const shown =
    rows ?? SAMPLE_COUNTRIES.map((country) => ({ country, cells: columns.map(() => asking) }));
  return (
    <BlockStack gap="200">
      <Text as="h3" variant="headingSm">
        {table}
      </Text>
      <PlainTable
        caption={table}
        columns={[shopper, ...columns]}
        rows={shown.map(({ country, cells }) => ({
          id: country,
          head: nameCountry(country),
          cells,
        }))}
      />
    </BlockStack>
  );
}

function nameCountry(code: string): string {
  const name = code === "US" ? consentTexts.unitedStates : lookUp(regionCountries, code);
  return name === undefined ? code : `${name} (${code})`;
}

/** Which countries a region has, where its name does not say it. */
function describeRegion(region: (typeof RULED)[number]): string | undefined {
  if (region === "default") return undefined;
  const countries = listCountries(region);
  return countries.length === 1
    ? undefined
    : countries.map((code) => regionCountries[code]).join(", ");
}

/** Countries with a rule of their own, beside the regions. */
function ownCountries({ values }: SettingsForm): string[] {
  const regions: readonly string[] = RULED;
  return Object.keys(values)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => name.slice(PREFIX.length))
    .filter((region) => !regions.includes(region))
    .sort();
}

function AddCountry({ form }: { form: SettingsForm }) {
  const [code, setCode] = useState("");
  const [isFaulty, setIsFaulty] = useState(false);
  const add = () => {
    const country = readCountry(code);
    if (country === null || form.values[PREFIX + country] !== undefined) {
      setIsFaulty(true);
      return;
    }
    setIsFaulty(false);
    form.set(PREFIX + country, "require");
    setCode("");
  };
  return (
    <TextField
      label={consentTexts.addLabel}
      helpText={consentTexts.addHelp}
      value={code}
      onChange={(value) => {
        setCode(value);
        setIsFaulty(false);
      }}
      error={isFaulty && consentTexts.addFault}
      autoComplete="off"
      maxLength={2}
      connectedRight={<Button onClick={add}>{consentTexts.add}</Button>}
    />
  );
}

interface ConsentModalProps {
  isOpen: boolean;
  onSave: () => void;
  onClose: () => void;
}

/** Shopify's address for a page of its own admin. */
const PRIVACY_SETTINGS = "shopify://admin/settings/customer-privacy";

/** Asks before orders without consent are sent: the merchant is responsible for that. */
export function ConsentModal({ isOpen, onSave, onClose }: ConsentModalProps) {
  return (
    <ConfirmDialog
      isOpen={isOpen}
      title={consentTexts.askTitle}
      action={consentTexts.askSave}
      cancel={consentTexts.askCancel}
      onConfirm={onSave}
      onCancel={onClose}
    >
      <Text as="p">{consentTexts.ask}</Text>
      <Text as="p">
        <Link url={PRIVACY_SETTINGS} target="_top">
          {consentTexts.askLink}
        </Link>
      </Text>
    </ConfirmDialog>
  );
}
