import { useSearchParams } from "@remix-run/react";
import { BlockStack, Tabs } from "@shopify/polaris";
import { useState } from "react";
import { ManyEvents } from "./many-events.tsx";
import { isModeOpen, ModeChoice } from "./mode-choice.tsx";
import { OneEvent } from "./one-event.tsx";
import { PastOrder } from "./past-order.tsx";
import type { SendMode } from "./send-form.ts";
import { sendTexts } from "./texts.ts";
import type { SendFormView } from "./view.ts";
import "./send.css";

const TABS = ["one", "many", "order"] as const;

/** Three ways to send, and one mode for them. What is typed in one of them stays while another is open. */
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
      <ModeChoice
        mode={mode}
        connection={view.connection}
        isFile={selected === 1}
        onChange={setMode}
      />
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
