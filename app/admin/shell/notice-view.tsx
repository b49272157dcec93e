import { useRevalidator } from "@remix-run/react";
import {
  Banner,
  BlockStack,
  Box,
  Button,
  Card,
  Icon,
  InlineStack,
  Page,
  Text,
} from "@shopify/polaris";
import { AlertCircleIcon, InfoIcon } from "@shopify/polaris-icons";
import {
  type NoticeAction,
  type NoticeIntent,
  type NoticeWords,
  noticeText,
} from "#app/events/notices/notice.ts";

interface NoticeViewProps {
  notice: NoticeWords & { action?: NoticeAction | null };
  /**
   * `banner`: above a page. `page`: in place of it. `card`: in place of a card's content.
   * `alert`: above a card's content, read out at once. `note`: in a card, beside what it is about.
   */
  place: "banner" | "page" | "card" | "alert" | "note";
  tone?: "critical" | "warning" | "info";
  /** `h3` in a card that has a heading of its own. */
  level?: "h2" | "h3";
  /** Runs a next step of this page; without it, `retry` loads the page's data again. */
  onAct?: (intent: NoticeIntent) => void;
  isBusy?: boolean;
}

/** What went wrong and what to do: title, cause, next step, and the button that takes it. */
export function NoticeView({ place, ...props }: NoticeViewProps) {
  switch (place) {
    case "banner":
      return <NoticeBanner {...props} />;
    case "page":
      return <NoticePage {...props} />;
    case "card":
      return <NoticeCard {...props} />;
    case "alert":
      return <NoticeAlert {...props} />;
    case "note":
      return (
        <BlockStack gap="200">
          <Note tone="critical" title={props.notice.title} text={noticeText(props.notice)} />
          <NextStep {...props} />
        </BlockStack>
      );
  }
}

type Props = Omit<NoticeViewProps, "place">;

function NoticeBanner({ notice, tone = "critical", onAct, isBusy = false }: Props) {
  const { title, cause, nextStep, action = null } = notice;
  return (
    <Banner title={title} tone={tone} {...toBannerAction(action, onAct, isBusy)}>
      <p>{cause}</p>
      <p>{nextStep}</p>
    </Banner>
  );
}

/** The button of an action that has no handler on this page links to Home, which has one. */
function toBannerAction(action: NoticeAction | null, onAct: Props["onAct"], loading: boolean) {
  if (action === null) return {};
  const { label: content } = action;
  if ("url" in action) return { action: { content, url: action.url } };
  if (onAct === undefined) return { action: { content, url: "/app" } };
  return { action: { content, loading, onAction: () => onAct(action.intent) } };
}

function NoticePage(props: Props) {
  const { title, cause, nextStep } = props.notice;
  return (
    <Page title={title}>
      <Card>
        <BlockStack gap="300">
          <Text as="p">{cause}</Text>
          <Text as="p">{nextStep}</Text>
          <NextStep {...props} />
        </BlockStack>
      </Card>
    </Page>
  );
}

function NoticeCard(props: Props) {
  const { notice, level = "h2" } = props;
  return (
    <Box padding="400">
      <BlockStack gap="200">
        <Text as={level} variant="headingSm">
          {notice.title}
        </Text>
        <Text as="p">{noticeText(notice)}</Text>
        <NextStep {...props} />
      </BlockStack>
    </Box>
  );
}

function NoticeAlert(props: Props) {
  const { notice } = props;
  return (
    <Box padding="400" borderBlockEndWidth="025" borderColor="border">
      <BlockStack gap="200">
        <div role="alert">
          <Text as="h2" variant="headingSm" tone="critical">
            {notice.title}
          </Text>
          <Text as="p">{noticeText(notice)}</Text>
        </div>
        <NextStep {...props} />
      </BlockStack>
    </Box>
  );
}

function NextStep({ notice, onAct, isBusy = false }: Props) {
  const { action = null } = notice;
  if (action === null) return null;
  return (
    <InlineStack>
      {"url" in action ? (
        <Button url={action.url}>{action.label}</Button>
      ) : onAct === undefined ? (
        <Retry label={action.label} />
      ) : (
        <Button onClick={() => onAct(action.intent)} loading={isBusy}>
          {action.label}
        </Button>
      )}
    </InlineStack>
  );
}

function Retry({ label }: { label: string }) {
  const { revalidate, state } = useRevalidator();
  return (
    <Button onClick={revalidate} loading={state === "loading"}>
      {label}
    </Button>
  );
}

interface NoteProps {
  tone: "critical" | "info";
  title?: string;
  text: string;
}

/** A notice within a card, beside its subject: a page has one banner at most. */
export function Note({ tone, title, text }: NoteProps) {
  const isCritical = tone === "critical";
  return (
    <InlineStack gap="200" wrap={false} blockAlign="start">
      <span>
        <Icon
          source={isCritical ? AlertCircleIcon : InfoIcon}
          tone={isCritical ? "critical" : "subdued"}
        />
      </span>
      <div>
        {title !== undefined && (
          <Text as="p" fontWeight="semibold" {...(isCritical && { tone: "critical" })}>
            {title}
          </Text>
        )}
        <Text as="p" breakWord>
          {text}
        </Text>
      </div>
    </InlineStack>
  );
}

/** Why something was not done; screen readers announce it at once. */
export function AlertText({ text }: { text: string }) {
  return (
    <div role="alert">
      <Text as="p" tone="critical">
        {text}
      </Text>
    </div>
  );
}
