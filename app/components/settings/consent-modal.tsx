import { BlockStack, Link, Modal, Text } from "@shopify/polaris";
import { consentTexts } from "#app/texts/settings/settings.ts";

interface ConsentModalProps {
  isOpen: boolean;
  onSave: () => void;
  onClose: () => void;
}

/** Shopify's address for a page of its own admin. */
const PRIVACY_SETTINGS = "shopify://admin/settings/customer-privacy";

/** Asks before orders without consent are sent: that is for the merchant to answer for. */
export function ConsentModal({ isOpen, onSave, onClose }: ConsentModalProps) {
  return (
    <Modal
      open={isOpen}
      title={consentTexts.askTitle}
      onClose={onClose}
      primaryAction={{ content: consentTexts.askSave, onAction: onSave }}
      secondaryActions={[{ content: consentTexts.askCancel, onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="300">
          <Text as="p">{consentTexts.ask}</Text>
          <Text as="p">
            <Link url={PRIVACY_SETTINGS} target="_top">
              {consentTexts.askLink}
            </Link>
          </Text>
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}
