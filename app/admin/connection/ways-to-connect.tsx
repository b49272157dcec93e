import { Badge, BlockStack, Button, Card, InlineStack, Text, TextField } from "@shopify/polaris";
import { type FormEvent, useState } from "react";
import type { WaitingLine } from "./describe-connection.server.ts";
import { OutcomeNote, useOutcome } from "./outcome.tsx";
import { connectionTexts } from "./texts.ts";
import { type Earlier, WaitingChoice, waitingElsewhere } from "./waiting-choice.tsx";

const { paste, signIn } = connectionTexts;

/** Opens Pinterest in the whole window: its consent page does not load in a frame. */
export function SignInCard({ isOffered, isPrimary }: { isOffered: boolean; isPrimary: boolean }) {
  const { outcome, isBusy, post } = useOutcome();
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack gap="200" blockAlign="center">
          <Text as="h2" variant="headingMd">
            {signIn.title}
          </Text>
          {isOffered && <Badge>{signIn.recommended}</Badge>}
        </InlineStack>
        <BlockStack gap="100">
          <Text as="p">{signIn.what}</Text>
          <Text as="p" tone="subdued">
            {isOffered ? signIn.asked : signIn.isOff}
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
                {signIn.action}
              </Button>
            </InlineStack>
          </div>
        )}
      </BlockStack>
    </Card>
  );
}

interface PasteCardProps {
  adAccountId: string;
  /** No sign-in is offered beside it. */
  isAlone: boolean;
  isPrimary: boolean;
  waiting: readonly WaitingLine[];
  onConnected: () => void;
}

/**
 * Connects with a token from Ads Manager. The fields keep their values until Pinterest accepts
 * them.
 */
export function PasteCard({
  adAccountId,
  waiting,
  isAlone,
  isPrimary,
  onConnected,
}: PasteCardProps) {
  const [account, setAccount] = useState(adAccountId);
  const [token, setToken] = useState("");
  const [isShown, setIsShown] = useState(false);
  const [earlier, setEarlier] = useState<Earlier>("send");
  const { outcome, isBusy, post } = useOutcome(() => {
    setToken("");
    onConnected();
  });
  const faults = outcome?.kind === "faulty" ? outcome : null;
  const lines = waitingElsewhere(waiting, account.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isBusy) post({ intent: "paste", adAccountId: account, token, waiting: earlier });
  };
  return (
    <Card>
      <form onSubmit={submit} noValidate>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">
            {isAlone ? paste.titleAlone : paste.title}
          </Text>
          <BlockStack gap="100">
            <Text as="p">{paste.what}</Text>
            <Text as="p" tone="subdued">
              {paste.where}
            </Text>
          </BlockStack>
          <TextField
            label={paste.account}
            value={account}
            onChange={setAccount}
            autoComplete="off"
            inputMode="numeric"
            {...(faults?.account != null && { error: faults.account })}
          />
          <TextField
            label={paste.token}
            type={isShown ? "text" : "password"}
            value={token}
            onChange={setToken}
            autoComplete="off"
            spellCheck={false}
            {...(faults?.token != null && { error: faults.token })}
            connectedRight={
              <Button
                onClick={() => setIsShown(!isShown)}
                accessibilityLabel={isShown ? paste.hide : paste.show}
              >
                {isShown ? paste.hideShort : paste.showShort}
              </Button>
            }
          />
          {lines.length > 0 && (
            <WaitingChoice
              lines={lines}
              next={connectionTexts.waiting.newAccount}
              choice={earlier}
              onChoose={setEarlier}
            />
          )}
          <div>
            <OutcomeNote outcome={outcome} />
            <InlineStack>
              <Button submit {...(isPrimary && { variant: "primary" })} loading={isBusy}>
                {paste.action}
              </Button>
            </InlineStack>
          </div>
        </BlockStack>
      </form>
    </Card>
  );
}
