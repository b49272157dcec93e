import { Modal, Text } from "@shopify/polaris";
import { shellTexts } from "#app/texts/shell.ts";

interface LiveQuestionProps {
  isOpen: boolean;
  title: string;
  text: string;
  confirm: string;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before what can't be taken back. */
export function LiveQuestion(props: LiveQuestionProps) {
  const { isOpen, title, text, confirm, onConfirm, onClose } = props;
  return (
    <Modal
      open={isOpen}
      onClose={onClose}
      title={title}
      primaryAction={{ content: confirm, onAction: onConfirm }}
      secondaryActions={[{ content: shellTexts.cancel, onAction: onClose }]}
    >
      <Modal.Section>
        <Text as="p">{text}</Text>
      </Modal.Section>
    </Modal>
  );
}
