import { BlockStack, Button, Card, InlineStack, SkeletonBodyText, Text } from "@shopify/polaris";
import { Freshness } from "#app/admin/shell/freshness.tsx";
import type { Status } from "#app/admin/shell/status.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { Time } from "#app/admin/shell/time.tsx";
import { OrderChart } from "./order-chart.tsx";
import { OrderSentence, TermLink } from "./order-sentence.tsx";
import { PeriodPicker } from "./period-picker.tsx";
import { homeTexts } from "./texts.ts";
import { type OrderCount, useOrderCount } from "./use-order-count.ts";
import type { HomePage, Orders } from "./view.ts";

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
  return orders.empty === null ? <OrderSentence {...orders} /> : <Text as="p">{orders.empty}</Text>;
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
