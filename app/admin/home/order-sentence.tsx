import { Link, Text } from "@shopify/polaris";
import { Fragment } from "react";
import { homeTexts } from "./texts.ts";
import type { Orders, Term } from "./view.ts";

const { view } = homeTexts.orders;

/** Where every order is, in one sentence whose terms add up; on a phone a row each. */
export function OrderSentence({ lead, terms, byHand }: Orders) {
  return (
    <Text as="p" variant="headingMd">
      <span className="home-sentence">
        <span>{lead}</span>{" "}
        {terms.map((term, place) => (
          <Fragment key={term.label}>
            <span>
              {place === 0 ? "= " : "+ "}
              <TermLink term={term} />
            </span>{" "}
          </Fragment>
        ))}
        {byHand !== null && (
          <span>
            <Text as="span" variant="bodyMd" tone="subdued">
              (<TermLink term={byHand} />)
            </Text>
          </span>
        )}
      </span>
    </Text>
  );
}

/** A number that leads to the list of what it counts. */
export function TermLink({ term: { label, url, isBad } }: { term: Term }) {
  const text = isBad ? (
    <Text as="span" tone="critical">
      {label}
    </Text>
  ) : (
    label
  );
  if (url === null) return text;
  return (
    <Link url={url} monochrome={isBad} accessibilityLabel={`${label}, ${view}`}>
      {text}
    </Link>
  );
}
