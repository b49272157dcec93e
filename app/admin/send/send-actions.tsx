import { BlockStack, Button, ButtonGroup, Card, Icon, InlineStack, Text } from "@shopify/polaris";
import { AlertTriangleIcon, CheckCircleIcon } from "@shopify/polaris-icons";
import { ModeBadge } from "./mode-choice.tsx";
import type { SendMode } from "./send-form.ts";
import { sendTexts } from "./texts.ts";

const { help, send: buttons } = sendTexts;

interface SendActionsProps {
  mode: SendMode;
  isIdentified: boolean | null;
  isBusy: boolean;
  onCheck: () => void;
  onSend: () => void;
}

/** What to do with the event. First in its column: nothing above it may move it under a finger. */
export function SendActions({ mode, isIdentified, isBusy, onCheck, onSend }: SendActionsProps) {
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <ModeBadge mode={mode} />
          <ButtonGroup>
            <Button onClick={onCheck} disabled={isBusy}>
              {sendTexts.check}
            </Button>
            <Button variant="primary" loading={isBusy} onClick={onSend}>
              {mode === "live" ? buttons.liveDots : buttons[mode]}
            </Button>
          </ButtonGroup>
        </InlineStack>
        <Identity isMet={isIdentified} />
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
