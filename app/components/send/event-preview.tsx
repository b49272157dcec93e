import {
  BlockStack,
  Button,
  Card,
  Collapsible,
  Icon,
  InlineStack,
  Text,
  useBreakpoints,
} from "@shopify/polaris";
import { AlertTriangleIcon, CheckCircleIcon } from "@shopify/polaris-icons";
import { type ReactNode, useState } from "react";
import { Code } from "#app/components/shell/code.tsx";
import { sendTexts } from "#app/texts/send.ts";
import type { Preview } from "./use-preview.ts";

const { preview: texts, help } = sendTexts;

/** The body that would be sent; on a phone behind a button. `children`: what to do with it. */
export function EventPreview({ preview, children }: { preview: Preview; children: ReactNode }) {
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
        <Identity isMet={view?.isIdentified ?? null} />
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
        {children}
      </BlockStack>
    </Card>
  );
}

/** Whether Pinterest could match the event to a person: known before it is sent. */
function Identity({ isMet }: { isMet: boolean | null }) {
  if (isMet === null) return null;
  return (
    <InlineStack gap="200" wrap={false} blockAlign="start">
      <span>
        {isMet ? (
          <Icon source={CheckCircleIcon} tone="success" />
        ) : (
          <Icon source={AlertTriangleIcon} tone="warning" />
        )}
      </span>
      <BlockStack gap="050">
        <Text as="p">{isMet ? help.identityMet : help.identity}</Text>
        {!isMet && (
          <Text as="p" tone="subdued">
            {help.identityWhy}
          </Text>
        )}
      </BlockStack>
    </InlineStack>
  );
}
