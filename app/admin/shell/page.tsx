import { isRouteErrorResponse, useRouteError } from "@remix-run/react";
import {
  AppProvider,
  Badge,
  BlockStack,
  Box,
  InlineStack,
  Link,
  Page,
  type PageProps,
  Text,
} from "@shopify/polaris";
import english from "@shopify/polaris/locales/en.json" with { type: "json" };
import type { ReactNode } from "react";
import type { NoticeWords } from "#app/events/notices/notice.ts";
import { noticeTexts } from "#app/events/notices/notices.ts";
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

/** The title for a route's `meta`: `Events · Pinrelay`. */
export function pageTitle(title: string): [{ title: string }] {
  return [{ title: `${title} · ${shellTexts.appName}` }];
}

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

/** The page shown when a page failed: a route's `ErrorBoundary`, so that the navigation stays. */
export function PageError() {
  const error = useRouteError();
  const response = isRouteErrorResponse(error) ? error : null;
  const problem = describeProblem(response?.status ?? 500, response?.data ?? {});
  const action = { label: shellTexts.tryAgain, intent: "retry" } as const;
  return <NoticeView place="page" notice={{ ...problem, action }} />;
}

const NOT_FOUND: NoticeWords = {
  title: "This page does not exist",
  cause: "The address may be old, or mistyped.",
  nextStep: "Open Pinrelay from the list of apps in your Shopify admin.",
};

const NOT_SIGNED_IN: NoticeWords = {
  title: "Pinrelay does not know which store this is",
  cause: "The page was opened outside the Shopify admin, or was left open for too long.",
  nextStep: "Open Pinrelay from the list of apps in your Shopify admin.",
};

const TOKEN_REFUSED: NoticeWords = {
  title: "Shopify does not confirm who you are",
  cause: "Shopify gave Pinrelay a sign-in for this store and refused it, three times in a row.",
  nextStep:
    "Try again in a few minutes. If the problem stays, ask the operator of Pinrelay to compare the app's client ID and secret with those in Shopify.",
};

const { title, cause, nextStep } = noticeTexts("page_failed");

/**
 * The text for an HTTP status. It does not repeat what was thrown: the log has that, under
 * `reference` where there is one.
 */
export function describeProblem(
  status: number,
  { reference, why }: { reference?: string; why?: string } = {},
): NoticeWords {
  if (why === "token_refused") return TOKEN_REFUSED;
  if (status === 404) return NOT_FOUND;
  if (status >= 400 && status < 500) return NOT_SIGNED_IN;
  const where = reference === undefined ? "" : ` (reference ${reference})`;
  return { title, cause: cause.replace(" (reference {reference})", where), nextStep };
}

/** A page that stands outside the Shopify admin, or where the admin's shell could not be made. */
export function StandalonePage({ children }: { children: ReactNode }) {
  return (
    <AppProvider i18n={english}>
      <main id="main">{children}</main>
    </AppProvider>
  );
}

interface SectionLinksProps {
  /** A section's `id` is that of an element with `tabIndex={-1}`. */
  sections: readonly { id: string; title: string }[];
}

/** The links to the sections of a long page. The focus follows: the next Tab is in the section. */
export function SectionLinks({ sections }: SectionLinksProps) {
  return (
    <Box paddingInline={BESIDE_CARDS}>
      <nav aria-label={shellTexts.onThisPage}>
        <InlineStack gap="400">
          {sections.map(({ id, title }) => (
            <Link
              key={id}
              url={`#${id}`}
              onClick={() => document.getElementById(id)?.focus({ preventScroll: true })}
            >
              {title}
            </Link>
          ))}
        </InlineStack>
      </nav>
    </Box>
  );
}
