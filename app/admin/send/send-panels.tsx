import { useSearchParams } from "@remix-run/react";
import {
  BlockStack,
  Card,
  InlineGrid,
  InlineStack,
  Link,
  RadioButton,
  Tabs,
  Text,
} from "@shopify/polaris";
import { useState } from "react";
import type { SendFormView } from "./load-send-form.server.ts";
import { ManyEvents } from "./many-events.tsx";
import { MissingOrders } from "./missing-orders.tsx";
import { OneEvent } from "./one-event.tsx";
import { PastOrder } from "./past-order.tsx";
import { ModeBadge } from "./result-card.tsx";
import { SEND_MODES, type SendMode } from "./send-form.ts";
import { sendTexts } from "./texts.ts";
import "./send.css";

const TABS = ["one", "many", "order", "missing"] as const;

/**
 * The ways to send, with one mode for all but the last, which has its own. What is typed in one of
 * them stays while another is open.
 */
export function SendPanels({ view }: { view: SendFormView }) {
  const [params, setParams] = useSearchParams();
  const [chosen, setMode] = useState<SendMode>("demo");
  const mode = isModeOpen(chosen, view.connection) ? chosen : "demo";
  const given = TABS.indexOf((params.get("tab") ?? "one") as (typeof TABS)[number]);
  const selected = Math.max(given, 0);
  const panels = [
    <OneEvent key="one" view={view} mode={mode} />,
    <ManyEvents key="many" view={view} mode={mode} />,
    <PastOrder key="order" view={view} mode={mode} />,
    <MissingOrders key="missing" view={view.orderCheck} token={view.eventId} />,
  ];
  return (
    <BlockStack gap="400">
      <Tabs
        tabs={TABS.map((name) => ({
          id: `tab-${name}`,
          content: sendTexts.tabs[name],
          panelID: `panel-${name}`,
        }))}
        selected={selected}
        onSelect={(index) =>
          setParams({ tab: TABS[index] ?? "one" }, { replace: true, preventScrollReset: true })
        }
      />
      {TABS[selected] !== "missing" && (
        <ModeChoice
          mode={mode}
          connection={view.connection}
          isFile={TABS[selected] === "many"}
          onChange={setMode}
        />
      )}
      {panels.map((panel, index) => (
        <div
          key={panel.key}
          role="tabpanel"
          id={`panel-${TABS[index]}`}
          aria-labelledby={`tab-${TABS[index]}`}
          hidden={index !== selected}
        >
          {panel}
        </div>
      ))}
    </BlockStack>
  );
}

const { mode: texts } = sendTexts;

interface ModeChoiceProps {
  mode: SendMode;
  connection: SendFormView["connection"];
  /** Whether a file is sent: Pinterest tests only its first rows. */
  isFile: boolean;
  onChange: (mode: SendMode) => void;
}

/** How far what is sent goes. A mode that is not open says why in its place. */
function ModeChoice({ mode, connection, isFile, onChange }: ModeChoiceProps) {
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
                  {chooseHelp(name, connection, isFile)}
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

function isModeOpen(mode: SendMode, connection: SendFormView["connection"]): boolean {
  if (mode === "demo") return true;
  return connection === "active" || (connection === "paused" && mode === "live");
}

function chooseHelp(
  mode: SendMode,
  connection: SendFormView["connection"],
  isFile: boolean,
): string {
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
