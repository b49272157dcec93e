import { index, prefix, type RouteConfig, route } from "@remix-run/route-config";

/** The addresses, and the file that answers each. A file that is not named here has no address. */
export default [
  index("routes/front.tsx"),
  route("auth/login", "routes/login.tsx"),
  route("auth/*", "routes/auth.tsx"),
  route("pinterest/callback", "routes/pinterest-callback.tsx"),
  route("flow/send-event", "routes/flow-send-event.ts"),
  ...prefix("api/v1", [
    route("openapi.json", "routes/openapi.ts"),
    route("tasks", "routes/tasks.ts"),
  ]),
  route("app", "admin/shell/app.route.tsx", [
    index("admin/home/home.route.tsx"),
    route("events", "admin/events/events.route.tsx"),
    route("events/export", "admin/events/export.route.ts"),
    route("events/:eventId", "admin/event/event.route.tsx"),
    route("send", "admin/send/send.route.tsx"),
    route("send/runs/:runId", "admin/runs/run.route.tsx"),
    route("send/runs/:runId/export", "admin/runs/export.route.ts"),
    route("quality", "admin/quality/quality.route.tsx"),
    route("quality/duplicates", "admin/quality/duplicates.route.tsx"),
    route("tags", "admin/tags/tags.route.tsx"),
    route("tags/new", "admin/tags/new-tag.route.tsx"),
    route("tags/:tagId", "admin/tags/tag.route.tsx"),
    route("settings", "admin/settings/settings.route.tsx"),
    route("settings/preview", "admin/settings/preview.route.ts"),
    route("settings/test-alert", "admin/settings/test-alert.route.ts"),
    route("settings/connection", "admin/connection/connection.route.tsx"),
    route("settings/activity", "admin/activity/activity.route.tsx"),
    route("settings/activity/export", "admin/activity/export.route.ts"),
    route("settings/activity/restore", "admin/activity/restore.route.ts"),
    route("settings/privacy", "admin/privacy/privacy.route.tsx"),
    route("settings/privacy/answers/:requestId", "admin/privacy/answer.route.ts"),
    route("settings/billing", "admin/billing/billing.route.tsx"),
    route("help", "admin/help/help.route.tsx"),
    // The address that the page had at first.
    route("connection", "admin/connection/redirect.route.tsx"),
  ]),
  route("*", "routes/not-found.tsx"),
] satisfies RouteConfig;
