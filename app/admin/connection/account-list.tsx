import { Await, useAsyncValue, useRevalidator } from "@remix-run/react";
import { BlockStack, Button, InlineStack, SkeletonBodyText, Text } from "@shopify/polaris";
import { Suspense } from "react";
import { Note } from "#app/admin/shell/note.tsx";
import type { CardTrouble } from "#app/admin/shell/pinterest-trouble.ts";
import { shellTexts } from "#app/admin/shell/texts.ts";
import { AccountChoice } from "./account-choice.tsx";
import { connectionTexts } from "./texts.ts";
import type { AccountList as List, WaitingLine } from "./view.ts";

interface AccountListProps {
  accounts: Promise<List>;
  isNew: boolean;
  waiting: readonly WaitingLine[];
}

/** What Pinterest says of the sign-in's ad accounts, when it has said it. */
export function AccountList({ accounts, isNew, waiting }: AccountListProps) {
  return (
    <Suspense fallback={<Loading />}>
      <Await resolve={accounts} errorElement={<Failed trouble={UNANSWERED} />}>
        <Listed isNew={isNew} waiting={waiting} />
      </Await>
    </Suspense>
  );
}

function Loading() {
  return (
    <div aria-busy="true" style={{ minHeight: "9rem" }}>
      <Text as="p" visuallyHidden>
        {connectionTexts.account.loading}
      </Text>
      <SkeletonBodyText lines={6} />
    </div>
  );
}

function Listed({ isNew, waiting }: Omit<AccountListProps, "accounts">) {
  const list = useAsyncValue() as List;
  if (list.kind === "none") return null;
  if (list.kind === "trouble") return <Failed trouble={list.trouble} />;
  return <AccountChoice list={list} isNew={isNew} waiting={waiting} />;
}

const UNANSWERED: CardTrouble = { ...connectionTexts.trouble.unanswered, action: "retry" };

function Failed({ trouble }: { trouble: CardTrouble }) {
  const { revalidate, state } = useRevalidator();
  return (
    <BlockStack gap="200">
      <Note tone="critical" title={trouble.title} text={trouble.text} />
      {trouble.action === "retry" && (
        <InlineStack>
          <Button onClick={revalidate} loading={state === "loading"}>
            {shellTexts.tryAgain}
          </Button>
        </InlineStack>
      )}
    </BlockStack>
  );
}
