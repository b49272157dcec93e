import { useFetcher } from "@remix-run/react";
import {
  BlockStack,
  Button,
  ChoiceList,
  Icon,
  InlineStack,
  SkeletonBodyText,
  Text,
  TextField,
} from "@shopify/polaris";
import { CheckCircleIcon } from "@shopify/polaris-icons";
import { useState } from "react";
import { listChoices, SETTINGS } from "#app/events/settings-table.ts";
import type { PreviewTexts } from "./describe-preview.server.ts";
import type { ProductIdFormat } from "./settings-preview.ts";
import { SettingsSection } from "./settings-sections.tsx";
import { productTexts } from "./texts.ts";
import {
  isTemplate,
  previewAddress,
  type SettingsForm,
  TEMPLATE_FIELD,
} from "./use-settings-form.ts";
import "./settings.css";

interface ProductsSectionProps {
  form: SettingsForm;
  /** Null: not here yet. */
  preview: PreviewTexts | null;
}

const FORMATS = [
  ...listChoices("product_id"),
  { value: "template", label: productTexts.template },
] as { value: ProductIdFormat; label: string }[];

export function ProductsSection({ form, preview }: ProductsSectionProps) {
  const { product_id: format = "", [TEMPLATE_FIELD]: template = "" } = form.values;
  const chosen = isTemplate(format) ? "template" : (format as ProductIdFormat);
  const first = preview?.products[0];
  const choose = (value: string | undefined) =>
    form.set("product_id", value === "template" ? template : value);
  const editTemplate = (value: string) => {
    form.set(TEMPLATE_FIELD, value);
    form.set("product_id", value);
  };
  return (
    <SettingsSection {...productTexts.section}>
      <ChoiceList
        title={SETTINGS.product_id.name}
        choices={FORMATS.map((choice) => ({
          ...choice,
          helpText: <span translate="no">{first?.ids[choice.value]}</span>,
        }))}
        selected={[chosen]}
        onChange={([value]) => choose(value)}
      />
      {chosen === "template" && (
        <TextField
          label={productTexts.templateLabel}
          helpText={productTexts.templateHelp}
          value={template}
          onChange={editTemplate}
          error={form.faults.product_id ?? false}
          autoComplete="off"
          spellCheck={false}
        />
      )}
      <ProductList preview={preview} chosen={chosen} />
      <CatalogCheck form={form} />
    </SettingsSection>
  );
}

function ProductList({
  preview,
  chosen,
}: Pick<ProductsSectionProps, "preview"> & { chosen: ProductIdFormat }) {
  if (preview === null) return <SkeletonBodyText lines={4} />;
  if (preview.productNote !== null) return <Text as="p">{preview.productNote}</Text>;
  return (
    <BlockStack gap="200">
      <Text as="h3" variant="headingSm">
        {productTexts.preview}
      </Text>
      <dl className="settings-products" aria-live="polite">
        {preview.products.map(({ title, ids }) => (
          <div key={`${title} ${ids.variant}`}>
            <dt>{title}</dt>
            <dd translate="no">{ids[chosen]}</dd>
          </div>
        ))}
      </dl>
    </BlockStack>
  );
}

/** Tells in which format an id of the merchant's catalog is one of their products. */
function CatalogCheck({ form }: { form: SettingsForm }) {
  const fetcher = useFetcher<PreviewTexts>();
  const [id, setId] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  const isChecking = fetcher.state !== "idle";
  const check = () => {
    if (isChecking) return;
    const given = id.trim();
    setProblem(given === "" ? productTexts.checkEmpty : null);
    if (given === "") return;
    setAsked(given);
    fetcher.load(previewAddress(form, given));
  };
  const answer = isChecking || asked !== id.trim() ? null : (fetcher.data?.catalogId ?? null);
  const fault = problem ?? (answer?.isMatch === false ? answer.text : null);
  return (
    <div>
      <TextField
        label={productTexts.check}
        value={id}
        onChange={(value) => {
          setId(value);
          setProblem(null);
        }}
        autoComplete="off"
        spellCheck={false}
        error={fault ?? false}
        connectedRight={
          <Button onClick={check} loading={isChecking}>
            {productTexts.checkButton}
          </Button>
        }
      />
      <div aria-live="polite">
        {answer?.isMatch === true && (
          <InlineStack gap="100" wrap={false} blockAlign="center">
            <span>
              <Icon source={CheckCircleIcon} tone="success" />
            </span>
            <Text as="span" tone="success">
              {answer.text}
            </Text>
          </InlineStack>
        )}
      </div>
    </div>
  );
}
