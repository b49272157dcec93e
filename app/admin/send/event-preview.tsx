import { BlockStack, Button, Card, Collapsible, Text, useBreakpoints } from "@shopify/polaris";
import { useState } from "react";
import { Code } from "#app/admin/shell/code.tsx";
import { sendTexts } from "./texts.ts";
import type { Preview } from "./use-preview.ts";

const { preview: texts } = sendTexts;

/** The body that would be sent; on a phone behind a button. */
export function EventPreview({ preview }: { preview: Preview }) {
  const { smDown } = useBreakpoints();
  const [isOpen, setIsOpen] = useState(false);
  const { view, isLost } = preview;
  const body = view?.body ?? null;
  return (
    <Card>
      <BlockStack gap="400">
        <BlockStack gap="100">
          <Text as="h2" variant="headingMd">
            {texts.title}
          </Text>
          <Text as="p" tone="subdued">
            {isLost ? texts.offline : texts.hint}
          </Text>
        </BlockStack>
        {smDown && body !== null && (
          <Button
            onClick={() => setIsOpen(!isOpen)}
            ariaExpanded={isOpen}
            ariaControls="send-body"
            disclosure={isOpen ? "up" : "down"}
          >
            {isOpen ? texts.hide : texts.show}
          </Button>
        )}
        <Collapsible id="send-body" open={!smDown || isOpen || body === null}>
          {body === null ? (
            <Text as="p">{view === null ? texts.waiting : texts.faulty}</Text>
          ) : (
            <Code label={texts.label} text={body} />
          )}
        </Collapsible>
      </BlockStack>
    </Card>
  );
}
