import { Await, useAsyncValue } from "@remix-run/react";
import {
  BlockStack,
  Box,
  Button,
  InlineStack,
  RadioButton,
  SkeletonBodyText,
  Text,
} from "@shopify/polaris";
import { Suspense, useState } from "react";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { NoticeView } from "#app/admin/shell/notice-view.tsx";
import { shellTexts } from "#app/admin/shell/texts.ts";
import type { ShownNotice } from "#app/events/notices/notice.ts";
import { noticeTexts } from "#app/events/notices/notices.ts";
import type { AccountOption, AccountList as List } from "./describe-accounts.server.ts";
import type { WaitingLine } from "./describe-connection.server.ts";
import { OutcomeNote, useOutcome } from "./outcome.tsx";
import { connectionTexts } from "./texts.ts";
import { type Earlier, WaitingChoice, waitingElsewhere } from "./waiting-choice.tsx";

interface AccountListProps {
  accounts: Promise<List>;
  isNew: boolean;
  waiting: readonly WaitingLine[];
}

/** The list of the sign-in's ad accounts, once Pinterest has answered. */
export function AccountList({ accounts, isNew, waiting }: AccountListProps) {
  return (
    <Suspense fallback={<Loading />}>
      <Await resolve={accounts} errorElement={<NoticeView place="note" notice={UNANSWERED} />}>
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
  if (list.kind === "trouble") return <NoticeView place="note" notice={list.trouble} />;
  return <AccountChoice list={list} isNew={isNew} waiting={waiting} />;
}

const UNANSWERED: ShownNotice = {
  ...noticeTexts("page_failed.unanswered"),
  action: { label: shellTexts.tryAgain, intent: "retry" },
};

const { account: texts, change } = connectionTexts;

interface AccountChoiceProps {
  list: Extract<List, { kind: "listed" }>;
  /** A sign-in waits for its account: choosing completes it. */
  isNew: boolean;
  waiting: readonly WaitingLine[];
}

/**
 * The ad accounts of the sign-in. Changing the one in use asks first; nothing is saved without a
 * click.
 */
function AccountChoice({ list, isNew, waiting }: AccountChoiceProps) {
  const [picked, setPicked] = useState<string | null>(null);
  const [isAsking, setIsAsking] = useState(false);
  const [earlier, setEarlier] = useState<Earlier>("send");
  const { outcome, isBusy, post } = useOutcome(() => {
    setIsAsking(false);
    setPicked(null);
  });
  const chosen = picked ?? list.preselected;
  const option = list.options.find(({ id }) => id === chosen);
  const isChange = list.options.some(({ isCurrent }) => isCurrent) && option?.isCurrent === false;
  const hasWork = option !== undefined && (isNew || !option.isCurrent);
  const lines = waitingElsewhere(waiting, option?.id);
  const mustAsk = isChange || lines.length > 0;
  const save = () => post({ intent: "choose", adAccountId: chosen ?? "", waiting: earlier });
  return (
    <BlockStack gap="300">
      <fieldset style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
        <Text as="h3" visuallyHidden>
          {texts.title}
        </Text>
        <BlockStack gap="200">
          {list.options.map((one) => (
            <Option
              key={one.id}
              option={one}
              isChecked={one.id === chosen}
              onPick={() => setPicked(one.id)}
            />
          ))}
        </BlockStack>
      </fieldset>
      {list.notes.map((note) => (
        <Text as="p" tone="subdued" key={note}>
          {note}
        </Text>
      ))}
      <div>
        {!isAsking && <OutcomeNote outcome={outcome} />}
        {hasWork && (
          <InlineStack>
            <Button
              {...(isNew && { variant: "primary" })}
              loading={isBusy}
              onClick={() => (mustAsk ? setIsAsking(true) : save())}
            >
              {texts.use}
            </Button>
          </InlineStack>
        )}
      </div>
      <ConfirmDialog
        isOpen={isAsking && outcome?.kind !== "done"}
        title={isChange ? change.title : connectionTexts.waiting.title}
        action={isChange ? change.action : texts.use}
        isBusy={isBusy}
        onConfirm={save}
        onCancel={() => setIsAsking(false)}
      >
        <BlockStack gap="300">
          {isChange && <Text as="p">{option?.changeText}</Text>}
          {lines.length > 0 && (
            <WaitingChoice
              lines={lines}
              next={option?.name ?? ""}
              choice={earlier}
              onChoose={setEarlier}
            />
          )}
        </BlockStack>
        <OutcomeNote outcome={outcome} />
      </ConfirmDialog>
    </BlockStack>
  );
}

interface OptionProps {
  option: AccountOption;
  isChecked: boolean;
  onPick: () => void;
}

function Option({ option, isChecked, onPick }: OptionProps) {
  const { id, name, detail, isCurrent, fault } = option;
  return (
    <Box borderWidth="025" borderColor="border" borderRadius="200" padding="300">
      <RadioButton
        id={`account-${id}`}
        name="adAccountId"
        label={name}
        ariaDescribedBy={`account-${id}-detail`}
        checked={isChecked}
        disabled={fault !== null}
        onChange={onPick}
      />
      {/* As Polaris' own help text it would be too pale to read where the account can't be chosen. */}
      <div id={`account-${id}-detail`}>
        <Text as="p" tone="subdued">
          {detail}
          {isCurrent && ` · ${texts.current}`}
        </Text>
        {fault !== null && <Text as="p">{fault}</Text>}
      </div>
    </Box>
  );
}
