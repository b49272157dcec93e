import { BlockStack, Box, Button, InlineStack, Text } from "@shopify/polaris";
import { eventsTexts } from "./texts.ts";

type NoEventsProps = { isShop: true; isConnected: boolean } | { onClear: () => void };

const { empty, filters } = eventsTexts;

/** In place of rows: what to do next, in a new shop or with a filter that finds nothing. */
export function NoEvents(props: NoEventsProps) {
  const { title, text, action } = "isShop" in props ? ofShop(props.isConnected) : ofFilter(props);
  return (
    <Box padding="800">
      <BlockStack gap="200" inlineAlign="center">
        <Text as="h2" variant="headingMd" alignment="center">
          {title}
        </Text>
        <Text as="p" alignment="center">
          {text}
        </Text>
        <InlineStack align="center">{action}</InlineStack>
      </BlockStack>
    </Box>
  );
}

function ofShop(isConnected: boolean) {
  return {
    title: empty.shop,
    text: isConnected ? empty.connected : empty.unconnected,
    action: isConnected ? (
      <Button url="/app/send">{empty.send}</Button>
    ) : (
      <Button variant="primary" url="/app/settings/connection">
        {empty.connect}
      </Button>
    ),
  };
}

function ofFilter({ onClear }: { onClear: () => void }) {
  return {
    title: empty.filter,
    text: empty.filterHelp,
    action: <Button onClick={onClear}>{filters.clear}</Button>,
  };
}
