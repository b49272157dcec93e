import { useFetcher, useNavigate, useSearchParams } from "@remix-run/react";
import {
  BlockStack,
  Button,
  Card,
  InlineStack,
  Link,
  RadioButton,
  SkeletonBodyText,
  Text,
} from "@shopify/polaris";
import { Fragment, useEffect, useRef, useState } from "react";
import { AlertText } from "#app/admin/shell/notice-view.tsx";
import type { Status } from "#app/admin/shell/read-status.server.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { Freshness, Time } from "#app/admin/shell/time.tsx";
import type { Orders, Term } from "./describe-orders.server.ts";
import { OrderChart } from "./order-chart.tsx";
import type { HomePage } from "./read-home.server.ts";
import { HOME_PERIODS, type HomePeriod, homeTexts } from "./texts.ts";
import type { HomeAnswer } from "./use-home-action.ts";

const texts = homeTexts.orders;

interface OrderCardProps extends Pick<HomePage, "period" | "orders" | "chart" | "kept"> {
  status: Status;
  isLoading: boolean;
  onRefresh: () => void;
}

/** Did every sale arrive? */
export function OrderCard({ period, orders, chart, kept, ...freshness }: OrderCardProps) {
  const count = useOrderCount(orders.isCountDue);
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          {texts.title}
        </Text>
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <PeriodPicker period={period} />
          <Freshness {...freshness} />
        </InlineStack>
        {kept !== null && <Text as="p">{kept}</Text>}
        <Sentence orders={orders} count={count} />
        <BlockStack gap="100">
          {orders.notes.map((note) => (
            <Text as="p" key={note}>
              {note}
            </Text>
          ))}
          {orders.others !== null && <Others others={orders.others} />}
          <CountAge orders={orders} count={count} />
          <Compared compared={orders.compared} />
        </BlockStack>
        {orders.empty === null && <OrderChart chart={chart} />}
      </BlockStack>
    </Card>
  );
}

function Sentence({ orders, count }: { orders: Orders; count: OrderCount }) {
  // Else the sentence would say for a moment that Shopify's count can't be had.
  const isFirst = orders.countedAt === null && orders.isCountDue && !count.hasFailed;
  if (isFirst) return <SkeletonBodyText lines={1} />;
  return orders.empty === null ? <OrderSums {...orders} /> : <Text as="p">{orders.empty}</Text>;
}

function Others({ others: { label, terms } }: { others: NonNullable<Orders["others"]> }) {
  return (
    <p>
      {label}:{" "}
      {terms.map((term, place) => (
        <span key={term.label}>
          {place > 0 && ", "}
          <TermLink term={term} />
        </span>
      ))}
    </p>
  );
}

/** Shopify's number is older than ours, and says so itself. */
function CountAge({ orders, count }: { orders: Orders; count: OrderCount }) {
  const { countedAt, isCountOld } = orders;
  return (
    <InlineStack gap="200" blockAlign="center">
      {countedAt !== null && (
        <Text as="p" variant="bodySm" tone={isCountOld ? "caution" : "subdued"}>
          {texts.countedAt} <Time moment={countedAt} />. {isCountOld && texts.countIsOld}
        </Text>
      )}
      {count.hasFailed && (
        <>
          <Text as="p" variant="bodySm" tone="critical">
            {texts.countFailed}
          </Text>
          <Button variant="plain" disabled={count.isBusy} onClick={count.ask}>
            {shellTexts.tryAgain}
          </Button>
        </>
      )}
    </InlineStack>
  );
}

/** What the screen that checks orders answers. */
interface CheckAnswer {
  fault: string | null;
  runUrl: string | null;
}

/** Whether an order is known to Shopify and not to us, and a check of it, which has a page of its own. */
function Compared({ compared: { text, at } }: Pick<Orders, "compared">) {
  const { submit, state, data } = useFetcher<CheckAnswer>();
  const navigate = useNavigate();
  const runUrl = data?.runUrl ?? null;
  useEffect(() => {
    if (runUrl !== null) navigate(runUrl);
  }, [runUrl, navigate]);
  const start = () => submit({ intent: "check-daily" }, { method: "post", action: "/app/send" });
  return (
    <InlineStack gap="400" blockAlign="center">
      <Text as="p" variant="bodySm" tone="subdued">
        {text} {at !== null && <Time moment={at} />}
      </Text>
      <Button variant="plain" disabled={state !== "idle" || runUrl !== null} onClick={start}>
        {texts.compared.action}
      </Button>
      <Text as="span" variant="bodySm">
        <Link url="/app/send?tab=missing">{texts.compared.further}</Link>
      </Text>
      {data?.fault != null && <AlertText text={data.fault} />}
    </InlineStack>
  );
}

const { view } = homeTexts.orders;

/** Where every order is: numbers that add up, side by side; on a phone a row each. */
function OrderSums({ lead, terms, byHand }: Orders) {
  return (
    <p className="home-sentence">
      <span>
        <Sum text={lead} />
      </span>{" "}
      {terms.map((term, index) => (
        <Fragment key={term.label}>
          <span>
            <span className="home-sentence-sign">{index === 0 ? "=" : "+"}</span>{" "}
            <TermLink term={term} isSum />
          </span>{" "}
        </Fragment>
      ))}
      {byHand !== null && (
        <span className="home-sentence-line">
          <Text as="span" variant="bodyMd" tone="subdued">
            (<TermLink term={byHand} />)
          </Text>
        </span>
      )}
    </p>
  );
}

/** A text with its number, where it begins with one, above its words. */
function Sum({ text }: { text: string }) {
  const [, count, words] = /^([\d.,\u00a0\u202f]+) (.*)$/.exec(text) ?? [];
  if (count === undefined) return <span>{text}</span>;
  return (
    <>
      <span className="home-sentence-count">{count}</span> <span>{words}</span>
    </>
  );
}

/** A number that leads to the list of what it counts. */
function TermLink({ term: { label, url, isBad }, isSum = false }: { term: Term; isSum?: boolean }) {
  const words = isSum ? <Sum text={label} /> : label;
  const text = isBad ? (
    <Text as="span" tone="critical">
      {words}
    </Text>
  ) : (
    words
  );
  if (url === null) return text;
  return (
    <Link url={url} monochrome={isBad} accessibilityLabel={`${label}, ${view}`}>
      {text}
    </Link>
  );
}

const { period: name, periods } = homeTexts.orders;

/** How far the numbers look back; stands in the address, so that it can be shared. */
function PeriodPicker({ period }: { period: HomePeriod }) {
  const [, setParams] = useSearchParams();
  // A choice is seen at once; the numbers follow when they are there.
  const [chosen, setChosen] = useState(period);
  useEffect(() => setChosen(period), [period]);
  const choose = (value: HomePeriod) => {
    setChosen(value);
    setParams({ period: value }, { preventScrollReset: true, replace: true });
  };
  return (
    <fieldset className="home-periods">
      <Text as="span" visuallyHidden>
        <legend>{name}</legend>
      </Text>
      <InlineStack gap="400">
        {HOME_PERIODS.map((value) => (
          <RadioButton
            key={value}
            id={`period-${value}`}
            name="period"
            label={periods[value]}
            checked={value === chosen}
            onChange={() => choose(value)}
          />
        ))}
      </InlineStack>
    </fieldset>
  );
}

export interface OrderCount {
  hasFailed: boolean;
  isBusy: boolean;
  ask: () => void;
}

/**
 * Has Shopify asked for its count of orders when that is due, once the page is there: Shopify may
 * take seconds. The page reads the numbers again after it. A failure is not repeated by itself.
 */
function useOrderCount(isDue: boolean): OrderCount {
  const { submit, state, data } = useFetcher<HomeAnswer>();
  const hasAsked = useRef(false);
  const ask = () => submit({ intent: "count-orders" }, { method: "post", action: "/app?index" });
  const askLatest = useRef(ask);
  askLatest.current = ask;
  useEffect(() => {
    if (isDue && !hasAsked.current) askLatest.current();
    hasAsked.current = isDue;
  }, [isDue]);
  const isBusy = state !== "idle";
  return { hasFailed: isDue && !isBusy && data?.isDone === false, isBusy, ask };
}
