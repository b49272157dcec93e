import { BlockStack, Box, Button, Card, InlineStack, Text } from "@shopify/polaris";
import { useEffect, useState } from "react";
import { AlertText } from "#app/admin/shell/notice-view.tsx";
import { BESIDE_CARDS, SectionLinks } from "#app/admin/shell/page.tsx";
import { SaveBar } from "#app/admin/shell/save-bar.tsx";
import type { NoticeWords } from "#app/events/notices/notice.ts";
import { AlertsSection } from "./alerts-section.tsx";
import { ConsentModal, ConsentSection } from "./consent-section.tsx";
import { ProductsSection } from "./products-section.tsx";
import {
  EventsSection,
  SourcesSection,
  TimingSection,
  ValueSection,
} from "./settings-sections.tsx";
import {
  alertTexts,
  conflictTexts,
  consentTexts,
  eventsTexts,
  productTexts,
  settingsTexts,
  sourceTexts,
  timingTexts,
  valueTexts,
} from "./texts.ts";
import {
  type Conflict,
  type SettingsForm,
  usePreview,
  useSettingsForm,
  weakensConsent,
} from "./use-settings-form.ts";
import "./settings.css";

interface SettingsPageProps {
  settings: object;
  version: number;
  hints: {
    weekCounts: Record<string, string>;
    sources: { name: string; label: string; count: string }[];
    appliesTo: string;
  };
  /** The operator charges for the app. */
  hasPlan: boolean;
  /** Why no email can be sent; null where one can. */
  mailProblem: NoticeWords | null;
}

const { links } = settingsTexts;

const SECTIONS = [
  eventsTexts,
  valueTexts,
  productTexts,
  sourceTexts,
  consentTexts,
  timingTexts,
  alertTexts,
].map(({ section }) => section);

/** The settings that decide what is sent, with which value and under which rules. */
export function SettingsPage({ settings, version, hints, ...page }: SettingsPageProps) {
  const form = useSettingsForm({ settings, version });
  const preview = usePreview(form);
  const [isAsking, setIsAsking] = useState(false);
  useFaultFocus(form.summary);
  const save = () => {
    if (weakensConsent(form.base, form.values)) setIsAsking(true);
    else form.save();
  };
  return (
    <BlockStack gap="600">
      <Box paddingInline={BESIDE_CARDS}>
        <nav aria-label={settingsTexts.otherPages}>
          <InlineStack gap="200">
            <Button url="/app/settings/connection">{links.connection}</Button>
            <Button url="/app/settings/activity">{links.activity}</Button>
            <Button url="/app/settings/privacy">{links.privacy}</Button>
            {page.hasPlan && <Button url="/app/settings/billing">{links.billing}</Button>}
          </InlineStack>
        </nav>
      </Box>
      {form.conflict !== null && (
        <ConflictNotice conflict={form.conflict} takeTheirs={form.takeTheirs} />
      )}
      <Box paddingInline={BESIDE_CARDS}>
        <BlockStack gap="400">
          <Text as="p" tone="subdued">
            {hints.appliesTo}
          </Text>
          {form.summary !== null && <AlertText text={form.summary.text} />}
        </BlockStack>
      </Box>
      <SectionLinks sections={SECTIONS} />
      <EventsSection form={form} weekCounts={hints.weekCounts} />
      <ValueSection form={form} preview={preview} />
      <ProductsSection form={form} preview={preview} />
      <SourcesSection form={form} sources={hints.sources} />
      <ConsentSection form={form} preview={preview} />
      <TimingSection form={form} />
      <AlertsSection form={form} mailProblem={page.mailProblem} />
      <ConsentModal
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        onSave={() => {
          setIsAsking(false);
          form.save();
        }}
      />
      <SaveBar
        id="settings-save-bar"
        isDirty={form.isDirty}
        isSaving={form.isSaving}
        onSave={save}
        onDiscard={form.discard}
      />
    </BlockStack>
  );
}

/** The first field that needs another value, which may be far below. */
function useFaultFocus(summary: object | null): void {
  useEffect(() => {
    if (summary === null) return;
    document.querySelector<HTMLElement>('#main [aria-invalid="true"]')?.focus();
  }, [summary]);
}

interface ConflictNoticeProps {
  conflict: Conflict;
  takeTheirs: SettingsForm["takeTheirs"];
}

/** Somebody else saved while this form was open: nothing of either side is lost. */
function ConflictNotice({ conflict, takeTheirs }: ConflictNoticeProps) {
  const { title, cause, theirs, changes } = conflict;
  return (
    <Card>
      <BlockStack gap="300">
        <div role="alert">
          <Text as="h2" variant="headingMd" tone="critical">
            {title}
          </Text>
          <Text as="p">{cause}</Text>
        </div>
        <Text as="h3" variant="headingSm">
          {theirs}
        </Text>
        <ul className="settings-changes">
          {changes.map((change) => (
            <li key={change}>{change}</li>
          ))}
        </ul>
        <InlineStack gap="200">
          <Button onClick={() => takeTheirs(false)}>{conflictTexts.reload}</Button>
          <Button onClick={() => takeTheirs(true)}>{conflictTexts.review}</Button>
        </InlineStack>
      </BlockStack>
    </Card>
  );
}
