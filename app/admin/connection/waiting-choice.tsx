import { BlockStack, RadioButton, Text } from "@shopify/polaris";
import { useId } from "react";
import { formatMessage } from "#app/events/format-message.ts";
import type { WaitingLine } from "./describe-connection.server.ts";
import { connectionTexts } from "./texts.ts";

/** What becomes of events that wait for another ad account. */
export type Earlier = "send" | "leave";

const { waiting: texts } = connectionTexts;

interface WaitingChoiceProps {
  lines: readonly WaitingLine[];
  /** Name of the ad account that is chosen. */
  next: string;
  choice: Earlier;
  onChoose: (choice: Earlier) => void;
}

/**
 * Lists what waits for other ad accounts than the chosen one; empty: there is no question to ask.
 */
export function waitingElsewhere(
  lines: readonly WaitingLine[],
  adAccountId: string | undefined,
): WaitingLine[] {
  return lines.filter((line) => line.adAccountId !== adAccountId);
}

/** The question what becomes of events that wait for another ad account than the chosen one. */
export function WaitingChoice({ lines, next, choice, onChoose }: WaitingChoiceProps) {
  const name = useId();
  const option = (value: Earlier, label: string, helpText: string) => (
    <RadioButton
      id={`${name}-${value}`}
      name={name}
      label={label}
      helpText={helpText}
      checked={choice === value}
      onChange={() => onChoose(value)}
    />
  );
  return (
    <fieldset style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
      <legend style={{ padding: 0 }}>
        {lines.map(({ adAccountId, text }) => (
          <Text as="p" key={adAccountId}>
            {text}
          </Text>
        ))}
      </legend>
      <BlockStack gap="100">
        {option("send", formatMessage(texts.send, { next }), texts.sendHelp)}
        {option("leave", texts.leave, texts.leaveHelp)}
      </BlockStack>
    </fieldset>
  );
}
