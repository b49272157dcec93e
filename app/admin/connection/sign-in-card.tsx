import { Badge, BlockStack, Button, Card, InlineStack, Text } from "@shopify/polaris";
import { OutcomeNote } from "./outcome-note.tsx";
import { connectionTexts } from "./texts.ts";
import { useOutcome } from "./use-outcome.ts";

const { signIn: texts } = connectionTexts;

/** Leads to Pinterest, in the whole window: it lets nobody put its consent into a frame. */
export function SignInCard({ isOffered, isPrimary }: { isOffered: boolean; isPrimary: boolean }) {
  const { outcome, isBusy, post } = useOutcome();
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack gap="200" blockAlign="center">
          <Text as="h2" variant="headingMd">
            {texts.title}
          </Text>
          {isOffered && <Badge>{texts.recommended}</Badge>}
        </InlineStack>
        <BlockStack gap="100">
          <Text as="p">{texts.what}</Text>
          <Text as="p" tone="subdued">
            {isOffered ? texts.asked : texts.isOff}
          </Text>
        </BlockStack>
        {isOffered && (
          <div>
            <OutcomeNote outcome={outcome} />
            <InlineStack>
              <Button
                {...(isPrimary && { variant: "primary" })}
                loading={isBusy}
                onClick={() => post({ intent: "sign-in" })}
              >
                {texts.action}
              </Button>
            </InlineStack>
          </div>
        )}
      </BlockStack>
    </Card>
  );
}
