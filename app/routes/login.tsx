import { Form, type MetaFunction, useActionData, useLoaderData } from "@remix-run/react";
import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/server-runtime";
import { BlockStack, Button, Card, InlineStack, Page, Text, TextField } from "@shopify/polaris";
import { useState } from "react";
import { StandalonePage } from "#app/admin/shell/page.tsx";

export const meta: MetaFunction = () => [{ title: "Log in · Pinrelay" }];

const FAULTS = {
  MISSING_SHOP: "Enter your store's address, such as example.myshopify.com.",
  INVALID_SHOP: "This is not a store's address. It ends in .myshopify.com.",
} as const;

/** Sends a store to its own Shopify admin; answers only when the store's address is wrong. */
async function login({ context }: LoaderFunctionArgs | ActionFunctionArgs) {
  const { shop } = await context.login();
  return { fault: shop === undefined ? null : FAULTS[shop] };
}

export const loader = login;
export const action = login;

export default function Login() {
  const fromAddress = useLoaderData<typeof loader>();
  const fault = (useActionData<typeof action>() ?? fromAddress).fault;
  const [shop, setShop] = useState("");
  return (
    <StandalonePage>
      <Page title="Log in to Pinrelay" narrowWidth>
        <Card>
          <Form method="post">
            <BlockStack gap="400">
              <Text as="p">Pinrelay opens inside the Shopify admin of your store.</Text>
              <TextField
                type="text"
                name="shop"
                label="Store address"
                helpText="example.myshopify.com"
                autoComplete="on"
                value={shop}
                onChange={setShop}
                {...(fault !== null && { error: fault })}
              />
              <InlineStack>
                <Button submit variant="primary">
                  Open in Shopify
                </Button>
              </InlineStack>
            </BlockStack>
          </Form>
        </Card>
      </Page>
    </StandalonePage>
  );
}
