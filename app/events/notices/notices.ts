import type { NoticeEntry } from "./notice.ts";
import { SENDING_NOTICES } from "./sending-notices.ts";
import { STORE_NOTICES } from "./store-notices.ts";
import { TASK_NOTICES } from "./task-notices.ts";

/** Everything that can go wrong, each with the one text for all places that say it. */
export const NOTICES = { ...SENDING_NOTICES, ...STORE_NOTICES, ...TASK_NOTICES } as const;

type Notices = typeof NOTICES;
export type NoticeName = keyof Notices;

type VariantKey<Name extends NoticeName> = Notices[Name] extends { variants: infer Variants }
  ? `${Name}.${keyof Variants & string}`
  : never;

/** `role_missing`, or a variant of it: `role_missing.banner`. */
export type NoticeKey = NoticeName | { [Name in NoticeName]: VariantKey<Name> }[NoticeName];

type Merge<Entry, Variant> = Omit<Entry, keyof Variant | "variants"> & Variant;

/** The texts behind a key. */
export type NoticeTexts<Key extends NoticeKey> = Key extends NoticeName
  ? Omit<Notices[Key], "variants">
  : Key extends `${infer Name extends NoticeName}.${infer Variant}`
    ? Notices[Name] extends { variants: infer Variants }
      ? Variant extends keyof Variants
        ? Merge<Notices[Name], Variants[Variant]>
        : never
      : never
    : never;

/** The texts of an entry, or of a variant of it, with their blanks open. */
export function noticeTexts<Key extends NoticeKey>(key: Key): NoticeTexts<Key> {
  const [name, variant] = key.split(".") as [NoticeName, string | undefined];
  const { variants, ...texts }: NoticeEntry = NOTICES[name];
  const changed = variant === undefined ? undefined : variants?.[variant];
  return { ...texts, ...changed } as unknown as NoticeTexts<Key>;
}
