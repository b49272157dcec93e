import { type MetaFunction, useLoaderData } from "@remix-run/react";
import type {
  ActionFunctionArgs,
  AppLoadContext,
  HeadersFunction,
  LoaderFunctionArgs,
} from "@remix-run/server-runtime";
import { boundary } from "@shopify/shopify-app-remix/server";
import { PageError, pageTitle } from "#app/admin/shell/page.tsx";
import { refreshOrderCounts } from "#app/shops/refresh-order-counts.server.ts";
import { confirmProductIds, setGuideHidden } from "#app/shops/setup-guide.server.ts";
import { ensureWebPixel } from "#app/shops/web-pixel.server.ts";
import { sendTestEvent, setSending } from "./home-actions.server.ts";
import { HomeView } from "./home-view.tsx";
import { listDays, readHome } from "./read-home.server.ts";
import { HOME_PERIODS, homeTexts } from "./texts.ts";
import { HOME_INTENTS, type HomeAnswer, type HomeIntent } from "./use-home-action.ts";

/** The longest period: what is shown after a change of the period is there already. */
const COUNTED_DAYS = 30;
const USUAL_PERIOD = "7";

export const meta: MetaFunction = () => pageTitle(homeTexts.title);

export const headers: HeadersFunction = (args) => boundary.headers(args);

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { shop, format } = await context.merchant();
  const asked = new URL(request.url).searchParams.get("period");
  const period = HOME_PERIODS.find((known) => known === asked) ?? USUAL_PERIOD;
  return readHome(context, shop, period, format);
}

export async function action({ context }: ActionFunctionArgs): Promise<HomeAnswer> {
  const merchant = await context.merchant();
  const asked = (await context.form(merchant)).get("intent");
  const intent = HOME_INTENTS.find((known) => known === asked);
  if (intent === undefined) throw Response.json(null, { status: 400 });
  return { intent, isDone: true, test: null, ...(await answer(intent, context, merchant)) };
}

async function answer(
  intent: HomeIntent,
  context: AppLoadContext,
  { shop, actor, admin, format }: Awaited<ReturnType<AppLoadContext["merchant"]>>,
): Promise<Partial<HomeAnswer>> {
  switch (intent) {
    case "pause":
      return { isDone: await setSending(context, shop.id, "paused", actor) };
    case "resume":
      return { isDone: await setSending(context, shop.id, "active", actor) };
    case "hide-guide":
    case "show-guide":
      await setGuideHidden(context, shop.id, intent === "hide-guide", actor);
      return {};
    case "confirm-ids":
      await confirmProductIds(context, shop.id, actor);
      return {};
    case "turn-on-pixel": {
      const wish = { admin, actor, isAsked: true };
      return { isDone: (await ensureWebPixel(context, shop, wish)).fault === null };
    }
    case "test-event":
      return { test: await sendTestEvent(context, shop, actor) };
    case "count-orders": {
      const days = listDays(format, COUNTED_DAYS);
      const services = { ...context, nowMs: Date.now };
      return { isDone: (await refreshOrderCounts(services, shop, admin, days)).ok };
    }
  }
}

export default function Home() {
  return <HomeView {...useLoaderData<typeof loader>()} />;
}

export const ErrorBoundary = PageError;
