import { Icon, InlineStack, Text } from "@shopify/polaris";
import { AlertCircleIcon, InfoIcon } from "@shopify/polaris-icons";

interface NoteProps {
  tone: "critical" | "info";
  title?: string;
  text: string;
}

/** What stands in a card beside what it is about: a page has one banner at most. */
export function Note({ tone, title, text }: NoteProps) {
  const isCritical = tone === "critical";
  return (
    <InlineStack gap="200" wrap={false} blockAlign="start">
      <span>
        <Icon
          source={isCritical ? AlertCircleIcon : InfoIcon}
          tone={isCritical ? "critical" : "subdued"}
        />
      </span>
      <div>
        {title !== undefined && (
          <Text as="p" fontWeight="semibold" {...(isCritical && { tone: "critical" })}>
            {title}
          </Text>
        )}
        <Text as="p" breakWord>
          {text}
        </Text>
      </div>
    </InlineStack>
  );
}

/** Why something was not done, said at once to who can't see it. */
export function AlertText({ text }: { text: string }) {
  return (
    <div role="alert">
      <Text as="p" tone="critical">
        {text}
      </Text>
    </div>
  );
}
