import { Prisma } from "#prisma/client/client.ts";
import { activityKinds } from "./texts.ts";

export type ActivityKind = keyof typeof activityKinds;

export const ACTIVITY_KINDS = Object.keys(activityKinds) as ActivityKind[];

export function isActivityKind(value: string | null): value is ActivityKind {
  return value !== null && Object.hasOwn(activityKinds, value);
}

/**
 * The kind of an entry of `audit_entry a`, from what was done and who did it: a person pauses, what
 * Pinterest or we ourselves do to a connection is a matter of the connection. A later version's
 * actions are `other` until they are named here.
 */
export const KIND_SQL = Prisma.raw(`case
  when a.action = 'settings.restore' then 'restore'
  when a.action like 'settings.%' or a.action = 'product_ids.confirm' then 'settings'
  when a.action in ('connection.pause', 'connection.resume')
    and a.actor not in ('system', 'shopify') then 'pause'
  when a.action like 'connection.%' then 'connection'
  when a.action in ('events.replay', 'event.rebuild', 'event.send_now') then 'send_again'
  when a.action like 'run.%' and a.after ->> 'kind' is not distinct from 'replay' then 'send_again'
  when a.action like 'events.%' or a.action like 'run.%' or a.action like 'task.%'
    or a.action like 'callback.%' then 'manual_send'
  when a.action like '%.reveal' then 'reveal'
  when a.action like 'tag.%' then 'tag'
  when a.action like 'key%.rotate' then 'key_rotation'
  when a.action like 'api_key.%' then 'api_key'
  when a.action like 'billing.%' then 'billing'
  when a.action in ('shop.install', 'shop.uninstall') then 'installation'
  when a.action like 'privacy.%' or a.action like 'payloads.%' or a.action like 'compliance.%' or a.action like '%redact%'
    then 'privacy'
  else 'other' end`);

/** Where a person goes on from an entry; null: there is no such place. */
export const KIND_PAGES: Partial<Record<ActivityKind, string>> = {
  settings: "/app/settings",
  restore: "/app/settings",
  connection: "/app/settings/connection",
  pause: "/app/settings/connection",
  send_again: "/app/events",
  manual_send: "/app/events",
  reveal: "/app/events",
  tag: "/app/tags",
  privacy: "/app/settings/privacy",
};
