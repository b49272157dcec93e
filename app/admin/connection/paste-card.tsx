import { BlockStack, Button, Card, InlineStack, Text, TextField } from "@shopify/polaris";
import { type FormEvent, useState } from "react";
import { OutcomeNote } from "./outcome-note.tsx";
import { connectionTexts } from "./texts.ts";
import { useOutcome } from "./use-outcome.ts";
import type { WaitingLine } from "./view.ts";
import { type Earlier, WaitingChoice, waitingElsewhere } from "./waiting-choice.tsx";

const { paste: texts } = connectionTexts;

interface PasteCardProps {
  adAccountId: string;
  /** No sign-in is offered beside it. */
  isAlone: boolean;
  isPrimary: boolean;
  waiting: readonly WaitingLine[];
  onConnected: () => void;
}

/** Connects with a token of Ads Manager. What was typed stays until Pinterest has taken it. */
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
            {isAlone ? texts.titleAlone : texts.title}
          </Text>
          <BlockStack gap="100">
            <Text as="p">{texts.what}</Text>
            <Text as="p" tone="subdued">
              {texts.where}
            </Text>
          </BlockStack>
          <TextField
            label={texts.account}
            value={account}
            onChange={setAccount}
            autoComplete="off"
            inputMode="numeric"
            {...(faults?.account != null && { error: faults.account })}
          />
          <TextField
            label={texts.token}
            type={isShown ? "text" : "password"}
            value={token}
            onChange={setToken}
            autoComplete="off"
            spellCheck={false}
            {...(faults?.token != null && { error: faults.token })}
            connectedRight={
              <Button
                onClick={() => setIsShown(!isShown)}
                accessibilityLabel={isShown ? texts.hide : texts.show}
              >
                {isShown ? texts.hideShort : texts.showShort}
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
                {texts.action}
              </Button>
            </InlineStack>
          </div>
        </BlockStack>
      </form>
    </Card>
  );
}
