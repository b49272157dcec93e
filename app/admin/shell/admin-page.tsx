import { Badge, BlockStack, InlineStack, Page, type PageProps, Text } from "@shopify/polaris";
import type { ReactNode } from "react";
import { NoticeView } from "./notice-view.tsx";
import type { Status } from "./read-status.server.ts";
import { shellTexts } from "./texts.ts";

type AdminPageProps = Pick<
  PageProps,
  "title" | "subtitle" | "backAction" | "primaryAction" | "secondaryActions" | "fullWidth"
> & {
  status: Status;
  /** The badge of what the page shows, in place of the shop's own. */
  titleBadge?: ReactNode;
  children: ReactNode;
};

/**
 * The inline padding of what stands between cards: on phones these reach from edge to edge, and it
 * would touch the edge.
 */
export const BESIDE_CARDS = { xs: "400", sm: "0" } as const;

/** A page of the admin: its title and badges, and the one banner there is. */
export function AdminPage({ status, titleBadge, children, ...page }: AdminPageProps) {
  const { badge, marks, banner } = status;
  return (
    <Page
      {...page}
      titleMetadata={
        <InlineStack gap="200">
          {titleBadge ?? (
            <Badge
              toneAndProgressLabelOverride={shellTexts.state}
              {...(badge.tone && { tone: badge.tone })}
            >
              {badge.label}
            </Badge>
          )}
          {marks.map((mark) => (
            <Badge key={mark} tone="info" toneAndProgressLabelOverride={shellTexts.state}>
              {mark}
            </Badge>
          ))}
        </InlineStack>
      }
    >
      <BlockStack gap="400">
        {banner !== null && <NoticeView place="banner" notice={banner} tone={banner.tone} />}
        {children}
      </BlockStack>
      <Text as="p" visuallyHidden>
        <span aria-live="polite">{badge.label}</span>
      </Text>
    </Page>
  );
}
