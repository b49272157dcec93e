import type { LoaderFunctionArgs } from "@remix-run/server-runtime";
import { parseChanges } from "#app/shops/settings/check-settings.server.ts";
import { describePreview } from "./describe-preview.server.ts";
import { previewSettings } from "./preview-settings.server.ts";

/** What the store's orders and products would be under settings that are not saved yet. */
export async function loader({ context, request }: LoaderFunctionArgs) {
  const { shop, admin } = await context.merchant();
  const query = new URL(request.url).searchParams;
  const preview = await previewSettings(context, {
    domain: shop.domain,
    admin,
    changes: parseChanges(query.get("changes")) ?? {},
    template: query.get("template") ?? "",
    catalogId: query.get("id"),
    nowMs: Date.now(),
  });
  return describePreview(preview, query.get("format") ?? "");
}
