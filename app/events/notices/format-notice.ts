import { formatMessage } from "#app/events/format-message.ts";
import type { Notice } from "./notice.ts";
import { type NoticeKey, type NoticeTexts, noticeTexts } from "./notices.ts";

/** The name of an argument: the branch of a plural is none. */
type Argument<Text extends string> = Text extends `${string}${" " | "#" | "{"}${string}` | ""
  ? never
  : Text;

type Blank<Text extends string> = Text extends `${string}{${infer Rest}`
  ?
      | (Rest extends `${infer Head}}${string}`
          ? Head extends `${infer Name},${string}`
            ? Argument<Name>
            : Argument<Head>
          : never)
      | Blank<Rest>
  : never;

type Words<Key extends NoticeKey> = NoticeTexts<Key>[keyof NoticeTexts<Key> & keyof Notice];

/** What the texts of a key leave open; the compiler misses what is not given. */
export type NoticeValues<Key extends NoticeKey> = Record<
  Blank<Words<Key> & string>,
  string | number
>;

export type FormattedNotice<Key extends NoticeKey> = Notice &
  Pick<NoticeTexts<Key>, keyof NoticeTexts<Key> & "action">;

/** A notice with its blanks filled. What is given is put in as it is, and not read again. */
export function formatNotice<Key extends NoticeKey>(
  key: Key,
  values: NoticeValues<Key>,
): FormattedNotice<Key> {
  const texts: Notice = noticeTexts<NoticeKey>(key);
  const fill = (text: string) => formatMessage(text, values);
  return {
    ...texts,
    title: fill(texts.title),
    cause: fill(texts.cause),
    nextStep: fill(texts.nextStep),
  } as FormattedNotice<Key>;
}
