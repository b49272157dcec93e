import {
  Badge,
  BlockStack,
  Card,
  InlineGrid,
  InlineStack,
  Link,
  RadioButton,
  Text,
} from "@shopify/polaris";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { SEND_MODES, type SendMode } from "./send-form.ts";
import { sendTexts } from "./texts.ts";
import type { SendFormView } from "./view.ts";

const { mode: texts } = sendTexts;

interface ModeChoiceProps {
  mode: SendMode;
  connection: SendFormView["connection"];
  /** Whether a file is sent: of that Pinterest tests the first rows only. */
  isFile: boolean;
  onChange: (mode: SendMode) => void;
}

/** How far what is sent goes. A mode that is not open says why in its place. */
export function ModeChoice({ mode, connection, isFile, onChange }: ModeChoiceProps) {
  return (
    <Card>
      <fieldset className="send-mode">
        <legend>
          <InlineStack gap="200" blockAlign="center">
            <Text as="span" variant="headingMd">
              {texts.title}
            </Text>
            <ModeBadge mode={mode} />
          </InlineStack>
        </legend>
        <BlockStack gap="200">
          <InlineGrid columns={{ xs: 1, md: 3 }} gap="400">
            {SEND_MODES.map((name) => (
              <BlockStack key={name}>
                <RadioButton
                  id={`mode-${name}`}
                  name="mode"
                  label={texts[name]}
                  ariaDescribedBy={`mode-${name}-effect`}
                  checked={mode === name}
                  disabled={!isModeOpen(name, connection)}
                  onChange={() => onChange(name)}
                />
                {/* As Polaris' own help text it would be too pale to read where the mode is closed. */}
                <Text as="p" tone="subdued" id={`mode-${name}-effect`}>
                  {helpOf(name, connection, isFile)}
                </Text>
              </BlockStack>
            ))}
          </InlineGrid>
          {connection === "none" && (
            <Text as="p">
              <Link url="/app/settings/connection">{texts.connect}</Link>
            </Text>
          )}
        </BlockStack>
      </fieldset>
    </Card>
  );
}

export function isModeOpen(mode: SendMode, connection: SendFormView["connection"]): boolean {
  if (mode === "demo") return true;
  return connection === "active" || (connection === "paused" && mode === "live");
}

function helpOf(mode: SendMode, connection: SendFormView["connection"], isFile: boolean): string {
  if (mode !== "demo" && connection === "none") return texts.notConnected;
  switch (mode) {
    case "demo":
      return texts.demoHelp;
    case "test":
      if (connection === "paused") return texts.pausedTest;
      return isFile ? texts.testFileHelp : texts.testHelp;
    case "live":
      return connection === "paused" ? texts.pausedLive : texts.liveHelp;
  }
}

const TONES = { demo: undefined, test: "info", live: "attention" } as const;

export function ModeBadge({ mode }: { mode: SendMode }) {
  const tone = TONES[mode];
  return (
    <Badge toneAndProgressLabelOverride={shellTexts.state} {...(tone && { tone })}>
      {sendTexts.badge[mode]}
    </Badge>
  );
}
