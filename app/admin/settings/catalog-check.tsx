import { useFetcher } from "@remix-run/react";
import { Button, Icon, InlineStack, Text, TextField } from "@shopify/polaris";
import { CheckCircleIcon } from "@shopify/polaris-icons";
import { useState } from "react";
import { productTexts } from "./texts.ts";
import { type Preview, previewAddress } from "./use-preview.ts";
import type { SettingsForm } from "./use-settings-form.ts";

/** Tells in which format an id of the merchant's catalog is one of their products. */
export function CatalogCheck({ form }: { form: SettingsForm }) {
  const fetcher = useFetcher<Preview>();
  const [id, setId] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  const isChecking = fetcher.state !== "idle";
  const check = () => {
    if (isChecking) return;
    const given = id.trim();
    setProblem(given === "" ? productTexts.checkEmpty : null);
    if (given === "") return;
    setAsked(given);
    fetcher.load(previewAddress(form, given));
  };
  const answer = isChecking || asked !== id.trim() ? null : (fetcher.data?.catalogId ?? null);
  const fault = problem ?? (answer?.isMatch === false ? answer.text : null);
  return (
    <div>
      <TextField
        label={productTexts.check}
        value={id}
        onChange={(value) => {
          setId(value);
          setProblem(null);
        }}
        autoComplete="off"
        spellCheck={false}
        error={fault ?? false}
        connectedRight={
          <Button onClick={check} loading={isChecking}>
            {productTexts.checkButton}
          </Button>
        }
      />
      <div aria-live="polite">
        {answer?.isMatch === true && (
          <InlineStack gap="100" wrap={false} blockAlign="center">
            <span>
              <Icon source={CheckCircleIcon} tone="success" />
            </span>
            <Text as="span" tone="success">
              {answer.text}
            </Text>
          </InlineStack>
        )}
      </div>
    </div>
  );
}
