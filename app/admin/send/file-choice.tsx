import {
  BlockStack,
  Button,
  ButtonGroup,
  Card,
  DropZone,
  InlineStack,
  Text,
} from "@shopify/polaris";
import { saveFile } from "#app/admin/shell/save-file.ts";
import { sendFileTexts } from "./file-texts.ts";
import type { SendFormView } from "./view.ts";

const { drop, check } = sendFileTexts;

interface FileChoiceProps {
  view: SendFormView;
  file: File | null;
  isBusy: boolean;
  onChoose: (file: File) => void;
  onCheck: () => void;
}

/** The file is kept in the page, and posted again for each step: nothing of it is stored meanwhile. */
export function FileChoice({ view, file, isBusy, onChoose, onCheck }: FileChoiceProps) {
  const choose = ([chosen]: File[]) => {
    if (chosen !== undefined) onChoose(chosen);
  };
  return (
    <Card>
      <BlockStack gap="400">
        <BlockStack gap="100">
          <Text as="h2" variant="headingMd">
            {drop.title}
          </Text>
          <Text as="p" tone="subdued">
            {view.columnsHelp}
          </Text>
        </BlockStack>
        <DropZone
          id="send-file"
          label={drop.label}
          allowMultiple={false}
          type="file"
          onDropAccepted={choose}
        >
          {file === null ? (
            <DropZone.FileUpload actionTitle={drop.action} actionHint={drop.hint} />
          ) : (
            <DropZone.FileUpload actionTitle={drop.change} actionHint={file.name} />
          )}
        </DropZone>
        <Text as="p" tone="subdued">
          {drop.kept}
        </Text>
        <InlineStack align="end">
          <ButtonGroup>
            <Button
              variant="plain"
              onClick={() => saveFile(new Blob([view.sampleFile]), drop.sampleName)}
            >
              {drop.sample}
            </Button>
            <Button onClick={onCheck} disabled={file === null} loading={isBusy}>
              {check}
            </Button>
          </ButtonGroup>
        </InlineStack>
      </BlockStack>
    </Card>
  );
}
