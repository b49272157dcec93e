import { type MetaFunction, useLoaderData } from "@remix-run/react";
import type {
  ActionFunctionArgs,
  HeadersFunction,
  LoaderFunctionArgs,
} from "@remix-run/server-runtime";
import { boundary } from "@shopify/shopify-app-remix/server";
import { AdminPage } from "#app/admin/shell/admin-page.tsx";
import { PageError } from "#app/admin/shell/page-error.tsx";
import { readStatus } from "#app/admin/shell/read-status.server.ts";
import { pageTitle } from "#app/admin/shell/texts.ts";
import { checkPlan, requestPlan } from "#app/billing/merchant-plan.server.ts";
import { type BillingAnswer, BillingCard } from "./billing-card.tsx";
import { readBilling } from "./read-billing.server.ts";
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
