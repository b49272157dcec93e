import { Text } from "@shopify/polaris";

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
