import { BlockStack, Box, Card, InlineGrid, Text } from "@shopify/polaris";
import { type ReactNode, useId } from "react";
import { Guarded } from "#app/admin/shell/guarded.tsx";
import { BESIDE_CARDS } from "#app/admin/shell/page.tsx";

interface SettingsSectionProps {
  id: string;
  title: string;
  about: string;
  children: ReactNode;
}

/** A card of settings with what it is about: beside it, and above it on phones. */
export function SettingsSection({ id, title, about, children }: SettingsSectionProps) {
  const headingId = useId();
  return (
    <section id={id} tabIndex={-1} aria-labelledby={headingId}>
      <InlineGrid columns={{ xs: 1, md: ["oneThird", "twoThirds"] }} gap="400">
        <Box paddingInline={BESIDE_CARDS}>
          <BlockStack gap="100">
            <Text as="h2" variant="headingMd" id={headingId}>
              {title}
            </Text>
            <Text as="p" tone="subdued">
              {about}
            </Text>
          </BlockStack>
        </Box>
        <Guarded name={title} as="card">
          <Card>
            <BlockStack gap="400">{children}</BlockStack>
          </Card>
        </Guarded>
      </InlineGrid>
    </section>
  );
}
