import {
  Banner,
  BlockStack,
  Button,
  Card,
  ChoiceList,
  InlineStack,
  Text,
  TextField,
} from "@shopify/polaris";
import { useState } from "react";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { TAG_SWITCHES } from "#app/events/pinterest-tag.ts";
import { tagSwitchWords, tagsTexts } from "./texts.ts";

/** Why the tag can't be created; a fault of the name is shown at its field. */
export interface TagFormError {
  field: "name" | null;
  text: string;
}

interface TagFormProps {
  error: TagFormError | null;
  isSending: boolean;
  /** The fault of the name. */
  checkName: (name: string) => TagFormError | null;
  onCreate: (name: string, switches: string[]) => void;
}

const texts = tagsTexts.form;
const CHOICES = TAG_SWITCHES.map((value) => ({ value, label: tagSwitchWords[value] }));

/** Name and switches of a new tag, asked for again before it is made: no tag can be deleted. */
export function TagForm({ error, isSending, checkName, onCreate }: TagFormProps) {
  const [name, setName] = useState("");
  const [switches, setSwitches] = useState<string[]>(["aem_enabled"]);
  const [fault, setFault] = useState<TagFormError | null>(null);
  const [isAsking, setIsAsking] = useState(false);
  const shown = fault ?? error;
  const ask = () => {
    const found = checkName(name);
    setFault(found);
    setIsAsking(found === null);
  };
  const create = () => {
    setIsAsking(false);
    onCreate(name, switches);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <BlockStack gap="400">
        {shown?.field === null && (
          <Banner tone="critical">
            <p>{shown.text}</p>
          </Banner>
        )}
        <Card>
          <BlockStack gap="400">
            <TextField
              label={texts.name}
              name="name"
              value={name}
              onChange={(value) => {
                setName(value);
                setFault(null);
              }}
              autoComplete="off"
              helpText={texts.nameHelp}
              {...(shown?.field === "name" && { error: shown.text })}
            />
            <ChoiceList
              title={texts.switches}
              allowMultiple
              choices={CHOICES}
              selected={switches}
              onChange={setSwitches}
            />
            <Text as="p" tone="subdued">
              {texts.switchesHelp}
            </Text>
          </BlockStack>
        </Card>
        <InlineStack align="end">
          <Button submit variant="primary" loading={isSending}>
            {texts.submit}
          </Button>
        </InlineStack>
      </BlockStack>
      <ConfirmDialog
        isOpen={isAsking}
        title={texts.confirmTitle.replace("{name}", name.trim())}
        action={texts.submit}
        isBusy={isSending}
        onConfirm={create}
        onCancel={() => setIsAsking(false)}
      >
        <Text as="p">{texts.confirm}</Text>
      </ConfirmDialog>
    </form>
  );
}
