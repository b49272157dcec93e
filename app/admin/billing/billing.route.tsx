import { type MetaFunction, useFetcher, useLoaderData } from "@remix-run/react";
import type {
  ActionFunctionArgs,
  HeadersFunction,
  LoaderFunctionArgs,
} from "@remix-run/server-runtime";
import { Badge, BlockStack, Button, Card, InlineError, InlineStack, Text } from "@shopify/polaris";
import { boundary } from "@shopify/shopify-app-remix/server";
import { useEffect } from "react";
import { AdminPage, PageError, pageTitle } from "#app/admin/shell/page.tsx";
import { readStatus } from "#app/admin/shell/read-status.server.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { Time } from "#app/admin/shell/time.tsx";
import { checkPlan, requestPlan } from "#app/billing/merchant-plan.server.ts";
import { type BillingView, readBilling } from "./read-billing.server.ts";
import { billingTexts } from "./texts.ts";

export const meta: MetaFunction = () => pageTitle(billingTexts.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ request, context }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  // Shopify sends the merchant back here with it, once the plan was approved or declined.
  if (new URL(request.url).searchParams.has("charge_id")) await checkPlan(context, merchant);
  const billing = await readBilling(context, merchant.shop.id, merchant.format);
  if (billing === null) throw Response.json(null, { status: 404 });
  return { billing, status: await readStatus(context, merchant) };
}

export async function action({ context }: ActionFunctionArgs) {
  const merchant = await context.merchant();
  const intent = (await context.form(merchant)).get("intent");
  const { faults } = billingTexts;
  if (intent === "check") {
    const isAnswered = await checkPlan(context, merchant);
    return Response.json(
      answer(isAnswered ? { isChecked: true } : { fault: faults.shopify_silent }),
    );
  }
  const started = intent === "start" ? await requestPlan(context, merchant) : null;
  if (started === null) throw Response.json(null, { status: 404 });
  if (!started.ok) return Response.json(answer({ fault: faults[started.why] }));
  return Response.json(answer({ confirmationUrl: started.confirmationUrl }));
}

const answer = (given: BillingAnswer) => given;

export default function Billing() {
  const { billing, status } = useLoaderData<typeof loader>();
  return (
    <AdminPage
      title={billingTexts.title}
      backAction={{ content: billingTexts.settings, url: "/app/settings" }}
      status={status}
    >
      <BillingCard billing={billing} />
    </AdminPage>
  );
}

export const ErrorBoundary = PageError;

/** The answer of the route's action. */
type BillingAnswer = { confirmationUrl: string } | { fault: string } | { isChecked: true };

/** The page shows what Pinrelay costs, the state of the plan, and the button that approves it. */
function BillingCard({ billing }: { billing: BillingView }) {
  const fetcher = useFetcher<BillingAnswer>();
  const answer = fetcher.data;
  const url = answer !== undefined && "confirmationUrl" in answer ? answer.confirmationUrl : null;
  // Shopify does not show its approval page in a frame.
  useEffect(() => {
    if (url !== null) open(url, "_top");
  }, [url]);
  const isBusy = fetcher.state !== "idle" || url !== null;
  const post = (intent: "start" | "check") => fetcher.submit({ intent }, { method: "post" });
  return (
    <Card>
      <BlockStack gap="400">
        <InlineStack gap="200" blockAlign="center">
          <Text as="h2" variant="headingMd">
            {billingTexts.cardTitle}
          </Text>
          <Badge
            toneAndProgressLabelOverride={shellTexts.state}
            {...(billing.state.tone !== null && { tone: billing.state.tone })}
          >
            {billing.state.label}
          </Badge>
        </InlineStack>
        <BlockStack gap="200">
          <Text as="p" variant="bodyLg" fontWeight="semibold">
            {billing.price}
          </Text>
          {billing.trial !== "" && <Text as="p">{billing.trial}</Text>}
          <Text as="p">{billing.explanation}</Text>
          {billing.problem !== null && (
            <Text as="p" fontWeight="semibold">
              {billing.problem.title}. {billing.problem.nextStep}
            </Text>
          )}
          {billing.usage !== null && <Text as="p">{billing.usage}</Text>}
          <Text as="p" tone="subdued">
            {billingTexts.rule}
          </Text>
        </BlockStack>
        {answer !== undefined && "fault" in answer && (
          <InlineError fieldID="billing" message={answer.fault} />
        )}
        <InlineStack gap="300" blockAlign="center">
          {billing.canStart && (
            <Button id="billing" variant="primary" disabled={isBusy} onClick={() => post("start")}>
              {billingTexts.start}
            </Button>
          )}
          <Button disabled={isBusy} onClick={() => post("check")}>
            {billingTexts.checkAgain}
          </Button>
          <Text as="span" variant="bodySm" tone="subdued">
            {billing.asOf === null ? (
              billingTexts.never
            ) : (
              <>
                {billingTexts.asOf} <Time moment={billing.asOf} />
              </>
            )}
          </Text>
        </InlineStack>
      </BlockStack>
    </Card>
  );
}
