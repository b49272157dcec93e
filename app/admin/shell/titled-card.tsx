import { BlockStack, Box, Card, Text } from "@shopify/polaris";
import type { ReactNode } from "react";

interface TitledCardProps {
  title: string;
  /** What stands above the title, as wide as the card. */
  alert?: ReactNode;
  /** What is said before the table. */
  about?: ReactNode;
  children: ReactNode;
}

/** A card around something as wide as itself: a table, or a list of records. */
export function TitledCard({ title, alert, about, children }: TitledCardProps) {
  return (
    <Card padding="0">
      {alert}
      <Box padding="400">
        <BlockStack gap="200">
          <Text as="h2" variant="headingMd">
            {title}
          </Text>
          {about}
        </BlockStack>
      </Box>
      {children}
    </Card>
  );
}
