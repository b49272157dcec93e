import { Link, Text } from "@shopify/polaris";
import { ConfirmDialog } from "#app/admin/shell/confirm-dialog.tsx";
import { consentTexts } from "./texts.ts";

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
    <ConfirmDialog
      isOpen={isOpen}
      title={consentTexts.askTitle}
      action={consentTexts.askSave}
      cancel={consentTexts.askCancel}
      onConfirm={onSave}
      onCancel={onClose}
    >
      <Text as="p">{consentTexts.ask}</Text>
      <Text as="p">
        <Link url={PRIVACY_SETTINGS} target="_top">
          {consentTexts.askLink}
        </Link>
      </Text>
    </ConfirmDialog>
  );
}
