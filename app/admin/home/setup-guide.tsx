import {
  BlockStack,
  Box,
  Button,
  Card,
  Icon,
  InlineStack,
  ProgressBar,
  Text,
} from "@shopify/polaris";
import { AlertCircleIcon, CheckCircleIcon, MinusCircleIcon } from "@shopify/polaris-icons";
import type { ReactNode } from "react";
import type { EmbedState } from "#app/admin/shell/app-bridge.ts";
import type { BrowserData } from "#app/admin/shell/describe-browser.server.ts";
import { browserTexts } from "#app/admin/shell/texts.ts";
import { Time } from "#app/admin/shell/time.tsx";
import type { TestOutcome } from "./home-actions.server.ts";
import type { Guide } from "./read-guide.server.ts";
import { homeTexts } from "./texts.ts";
import type { HomeAction } from "./use-home-action.ts";

const texts = homeTexts.guide;
interface SetupGuideProps {
  guide: Guide;
  browser: BrowserData;
  embed: EmbedState;
  action: HomeAction;
  /** Its result stays whatever else is done meanwhile. */
  test: HomeAction;
}

/** The way to the first accepted event; each step ticks itself from what is so. */
export function SetupGuide({ guide, browser, embed, action, test }: SetupGuideProps) {
  const isBrowserDone = browser.pixel.isOn && embed === "active";
  const done = guide.done + (isBrowserDone ? 1 : 0);
  const all = guide.progress.length - 1;
  return (
    <Card>
      <BlockStack gap="400">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <InlineStack gap="300" blockAlign="center">
            <Text as="h2" variant="headingMd">
              {texts.title}
            </Text>
            <Text as="span" tone="subdued" id="guide-progress">
              {guide.progress[done]}
            </Text>
          </InlineStack>
          <Button
            variant="tertiary"
            disabled={action.isBusy}
            onClick={() => action.run("hide-guide")}
          >
            {texts.hide}
          </Button>
        </InlineStack>
        <ProgressBar
          size="small"
          tone="success"
          animated={false}
          progress={(100 * done) / all}
          ariaLabelledBy="guide-progress"
        />
        <BlockStack as="ol" gap="400">
          <Step title={texts.connect.title} isDone={guide.isConnected}>
            {!guide.isConnected && (
              <>
                <Text as="p">{texts.connect.why}</Text>
                <InlineStack>
                  <Button url="/app/settings/connection">{texts.connect.action}</Button>
                </InlineStack>
              </>
            )}
          </Step>
          <Step title={texts.browser.title} isDone={isBrowserDone}>
            {!isBrowserDone && <Text as="p">{texts.browser.why}</Text>}
            <BrowserParts browser={browser} embed={embed} action={action} />
          </Step>
          <Step title={texts.ids.title} isDone={guide.ids.isDone}>
            {!guide.ids.isDone && <ProductIds ids={guide.ids} action={action} />}
          </Step>
          <Step title={texts.event.title} isDone={guide.event.isDone}>
            <TestEvent event={guide.event} test={test} />
          </Step>
        </BlockStack>
      </BlockStack>
    </Card>
  );
}

function Step({
  title,
  isDone,
  children,
}: {
  title: string;
  isDone: boolean;
  children: ReactNode;
}) {
  return (
    <InlineStack as="li" gap="200" wrap={false} blockAlign="start">
      <span>
        <Icon
          source={isDone ? CheckCircleIcon : MinusCircleIcon}
          tone={isDone ? "success" : "subdued"}
          accessibilityLabel={isDone ? texts.done : texts.open}
        />
      </span>
      <Box width="100%">
        <BlockStack gap="200">
          <Text as="h3" variant="headingSm">
            {title}
          </Text>
          {children}
        </BlockStack>
      </Box>
    </InlineStack>
  );
}

/** The pixel and the theme embed, each with when it was last heard and the way to turn it on. */
function BrowserParts({
  browser: { pixel, embed },
  embed: embedState,
  action,
}: Pick<SetupGuideProps, "browser" | "embed" | "action">) {
  const isOpen = embedState === "off" || embedState === "unknown";
  return (
    <BlockStack gap="100" as="ul">
      <Part name={browserTexts.pixel} told={pixel}>
        {pixel.turnOn !== null && (
          <Button
            loading={action.isBusy && action.running === "turn-on-pixel"}
            disabled={action.isBusy}
            onClick={() => action.run("turn-on-pixel")}
          >
            {pixel.turnOn}
          </Button>
        )}
      </Part>
      <Part name={browserTexts.embed} told={embed.states[embedState]}>
        {isOpen && (
          <Button
            url={embed.editorUrl}
            target="_blank"
            accessibilityLabel={browserTexts.openEditorLabel}
          >
            {browserTexts.openEditor}
          </Button>
        )}
      </Part>
    </BlockStack>
  );
}

interface PartProps {
  name: string;
  told: BrowserData["embed"]["states"]["active"];
  children: ReactNode;
}

function Part({ name, told: { text, at }, children }: PartProps) {
  return (
    <li className="home-part">
      <span>
        <Text as="span" fontWeight="medium">
          {name}
        </Text>{" "}
        <Text as="span" tone="subdued">
          {text}
          {at !== null && " "}
          {at !== null && <Time moment={at} />}
        </Text>
      </span>
      {children}
    </li>
  );
}

function ProductIds({ ids, action }: { ids: Guide["ids"]; action: HomeAction }) {
  return (
    <>
      <Text as="p">{texts.ids.why}</Text>
      <Text as="p">{ids.format}</Text>
      {ids.example === null ? (
        <Text as="p">{texts.ids.noExample}</Text>
      ) : (
        <p>
          {texts.ids.example}{" "}
          <span className="home-ids" translate="no">
            {ids.example}
          </span>
        </p>
      )}
      <InlineStack gap="400" blockAlign="center">
        <Button disabled={action.isBusy} onClick={() => action.run("confirm-ids")}>
          {texts.ids.action}
        </Button>
        <Button variant="plain" url="/app/settings">
          {texts.ids.change}
        </Button>
      </InlineStack>
    </>
  );
}

function TestEvent({ event, test }: { event: Guide["event"]; test: HomeAction }) {
  return (
    <>
      {!event.isDone && (
        <>
          <Text as="p">{texts.event.why}</Text>
          <InlineStack>
            <Button
              disabled={event.blockedBy !== null}
              loading={test.isBusy}
              onClick={() => test.run("test-event")}
            >
              {texts.event.action}
            </Button>
          </InlineStack>
          {event.blockedBy !== null && (
            <Text as="p" tone="subdued">
              {event.blockedBy}
            </Text>
          )}
        </>
      )}
      <TestResult outcome={test.answer?.test ?? null} />
    </>
  );
}

/** What Pinterest said of a test event; is read out when it comes. */
export function TestResult({ outcome }: { outcome: TestOutcome | null }) {
  return (
    <div aria-live="polite">
      {outcome !== null && (
        <InlineStack gap="200" wrap={false} blockAlign="start">
          <span>
            <Icon
              source={outcome.isAccepted ? CheckCircleIcon : AlertCircleIcon}
              tone={outcome.isAccepted ? "success" : "critical"}
            />
          </span>
          <BlockStack>
            <Text as="p" {...(!outcome.isAccepted && { tone: "critical" })}>
              {outcome.title}
            </Text>
            {outcome.text !== "" && <Text as="p">{outcome.text}</Text>}
          </BlockStack>
        </InlineStack>
      )}
    </div>
  );
}
