import { type MetaFunction, useLoaderData } from "@remix-run/react";
import {
  type ActionFunctionArgs,
  defer,
  type HeadersFunction,
  type LoaderFunctionArgs,
  redirect,
} from "@remix-run/server-runtime";
import { boundary } from "@shopify/shopify-app-remix/server";
import { PageError, pageTitle } from "#app/admin/shell/page.tsx";
import { readStatus } from "#app/admin/shell/read-status.server.ts";
import { noticeTexts } from "#app/events/notices/notices.ts";
import { withTimeout } from "#app/shops/connection/ask-signed-in.server.ts";
import { chooseAdAccount } from "#app/shops/connection/choose-ad-account.server.ts";
import { finishSignIn } from "#app/shops/connection/finish-sign-in.server.ts";
import { listAdAccounts } from "#app/shops/connection/list-ad-accounts.server.ts";
import { pasteToken } from "#app/shops/connection/paste-token.server.ts";
import { beginSignIn } from "#app/shops/connection/sign-in-attempt.server.ts";
import { disconnectPinterest } from "#app/shops/connection/store-connection.server.ts";
import { testConnection } from "#app/shops/connection/test-connection.server.ts";
import { ConnectionView } from "./connection-view.tsx";
import { describeAccounts } from "./describe-accounts.server.ts";
import { describeConnection } from "./describe-connection.server.ts";
import {
  type ConnectionOutcome,
  describeChoice,
  describePaste,
  describeTest,
} from "./describe-outcome.server.ts";
import { readConnectionFacts } from "./read-connection-facts.server.ts";
import { connectionTexts } from "./texts.ts";

export const meta: MetaFunction = () => pageTitle(connectionTexts.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

/** A document is given up after five seconds; what Pinterest has not said by then is asked again. */
const WAIT_MS = 4_000;

export async function loader({ request, context }: LoaderFunctionArgs) {
  const merchant = await context.merchant();
  const { shop, actor, format } = merchant;
  const services = { ...context, nowMs: Date.now };
  const url = new URL(request.url);
  const grant = url.searchParams.get("sign_in");
  if (grant !== null) {
    const end = await finishSignIn(services, shop, actor, grant);
    url.searchParams.delete("sign_in");
    url.searchParams.set("sign_in_ended", end);
    throw redirect(`${url.pathname}${url.search}`);
  }
  const [status, facts] = await Promise.all([
    readStatus(context, merchant),
    readConnectionFacts(context, shop),
  ]);
  const page = describeConnection(facts, {
    format,
    storeCurrency: shop.currency,
    isSignInOffered: context.config.PINTEREST_CLIENT_ID !== undefined,
    notice: url.searchParams.get("sign_in_ended"),
  });
  const listing = withTimeout(listAdAccounts(context, shop), WAIT_MS);
  const accounts = listing.then((list) => describeAccounts(list, facts.connection));
  return defer({ status, page, accounts });
}

export async function action({ context }: ActionFunctionArgs): Promise<ConnectionOutcome> {
  const merchant = await context.merchant();
  const { shop, actor } = merchant;
  const form = await context.form(merchant);
  const field = (name: string) => String(form.get(name) ?? "");
  const services = { ...context, nowMs: Date.now };
  const earlier = field("waiting") === "leave" ? "leave" : "send";
  switch (field("intent")) {
    case "sign-in": {
      const url = await beginSignIn(services, shop, actor);
      if (url !== null) return { kind: "go", url };
      return { kind: "trouble", notice: noticeTexts("page_failed.unanswered") };
    }
    case "paste": {
      const given = { adAccountId: field("adAccountId"), token: field("token") };
      const pasted = await pasteToken(services, shop, given, actor, earlier);
      return describePaste(pasted, given.adAccountId.trim());
    }
    case "choose": {
      const chosen = await chooseAdAccount(services, shop, field("adAccountId"), actor, earlier);
      return describeChoice(chosen);
    }
    case "test":
      return describeTest(await testConnection(services, shop, actor));
    case "disconnect":
      await disconnectPinterest(context, shop.id, actor);
      return { kind: "done", toast: connectionTexts.toasts.disconnected };
    default:
      throw Response.json(null, { status: 400 });
  }
}

export default function Connection() {
  const { status, page, accounts } = useLoaderData<typeof loader>();
  return <ConnectionView status={status} page={page} accounts={accounts} />;
}

export const ErrorBoundary = PageError;
