import { BlockStack, Button, Card, InlineStack, Text } from "@shopify/polaris";
import { conflictTexts } from "./texts.ts";
import type { Conflict, SettingsForm } from "./use-settings-form.ts";
import "./settings.css";

interface ConflictNoticeProps {
  conflict: Conflict;
  takeTheirs: SettingsForm["takeTheirs"];
}

/** Somebody else saved while this form was open: nothing of either side is lost. */
export function ConflictNotice({ conflict, takeTheirs }: ConflictNoticeProps) {
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
