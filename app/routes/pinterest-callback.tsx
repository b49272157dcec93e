import type { MetaFunction } from "@remix-run/react";
import { json, type LoaderFunctionArgs, redirect } from "@remix-run/server-runtime";
import { BlockStack, Card, Page, Text } from "@shopify/polaris";
import { connectionTexts } from "#app/admin/connection/texts.ts";
import { pageTitle, StandalonePage } from "#app/admin/shell/page.tsx";
import { handleSignInAnswer } from "#app/shops/connection/sign-in-attempt.server.ts";

const { callback: texts } = connectionTexts;

export const meta: MetaFunction = () => pageTitle(texts.title);

/** Where Pinterest sends the merchant back to, outside the Shopify admin; on into it from here. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const answer = new URL(request.url).searchParams;
  const address = await handleSignInAnswer({ ...context, nowMs: Date.now }, answer);
  return address === null ? json(null, { status: 400 }) : redirect(address);
}

export default function PinterestCallback() {
  return (
    <StandalonePage>
      <Page title={texts.title} narrowWidth>
        <Card>
          <BlockStack gap="300">
            <Text as="p">{texts.text}</Text>
            <Text as="p">{texts.next}</Text>
          </BlockStack>
        </Card>
      </Page>
    </StandalonePage>
  );
}
