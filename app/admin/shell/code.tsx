import { BlockStack, Button, InlineStack } from "@shopify/polaris";
import { useEffect, useState } from "react";
import { shellTexts } from "./texts.ts";
import "./code.css";

interface CodeProps {
  /** The label for screen readers. */
  label: string;
  text: string;
  /** What is copied, where that is not the text. */
  copyText?: string;
  /** It is one long line. */
  startsWrapped?: boolean;
}

const COPIED_MS = 2_000;

/** A block of code: it scrolls, also by keyboard, and is copied with one click. */
export function Code({ label, text, copyText = text, startsWrapped = false }: CodeProps) {
  const [isWrapped, setIsWrapped] = useState(startsWrapped);
  return (
    <BlockStack gap="200">
      <InlineStack gap="200" align="end">
        <Button size="slim" pressed={isWrapped} onClick={() => setIsWrapped(!isWrapped)}>
          {shellTexts.wrap}
        </Button>
        <CopyButton text={copyText} />
      </InlineStack>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, also by keyboard */}
      <section className={isWrapped ? "code code-wrapped" : "code"} aria-label={label} tabIndex={0}>
        <code translate="no">{text}</code>
      </section>
    </BlockStack>
  );
}

/** Copies a text, and says so in the button: a toast would cover the page. */
export function CopyButton({ text, label = shellTexts.copy }: { text: string; label?: string }) {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => setIsCopied(true));
  };
  return (
    <Button size="slim" onClick={copy}>
      {isCopied ? shellTexts.copied : label}
    </Button>
  );
}
