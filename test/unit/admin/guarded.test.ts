import { text } from "node:stream/consumers";
import { AppProvider } from "@shopify/polaris";
import english from "@shopify/polaris/locales/en.json" with { type: "json" };
import { type ComponentProps, createElement as h, type ReactElement } from "react";
import { expect, test } from "vitest";
import { Bare, Guarded, type GuardedProps } from "#app/admin/shell/guarded.tsx";
import { renderPage } from "#app/entry.server.tsx";

/** As a page would that took a word for the prototype of all objects. */
function Row({ word }: { word: unknown }) {
  return h("li", null, word as string);
}

function page(words: Record<string, unknown>) {
  const rows = Object.entries(words).map(([name, word]) => {
    const guarded = { key: name, name, as: "item" as const };
    return h(Guarded, guarded as typeof guarded & GuardedProps, h(Row, { word }));
  });
  const list = [h("h1", { key: "title" }, "Events"), h("ul", { key: "rows" }, rows)];
  const app = { i18n: english } as ComponentProps<typeof AppProvider>;
  return (isBare: boolean): ReactElement =>
    h(AppProvider, app, h(Bare.Provider, { value: isBare }, list));
}

async function rendered(words: Record<string, unknown>) {
  const errors: unknown[] = [];
  const options = { isWhole: true, nonce: "n", onError: (error: unknown) => errors.push(error) };
  const { body, hasFailed } = await renderPage(page(words), options);
  return { html: await text(body as never), hasFailed, errors: errors.length };
}

test("a page of which every row can be drawn is drawn at once", async () => {
  const { html, errors, hasFailed } = await rendered({ first: "Purchase", second: "Sign-up" });
  expect(html).toContain("<li>Purchase</li><li>Sign-up</li>");
  expect([errors, hasFailed]).toEqual([0, false]);
});

test("one row that cannot be drawn is logged, and takes no page", async () => {
  const { html, errors, hasFailed } = await rendered({ first: "Purchase", second: {} });
  expect(html).toContain("<h1>Events</h1>");
  expect(html).toContain("second");
  expect([errors, hasFailed]).toEqual([1, false]);
});
