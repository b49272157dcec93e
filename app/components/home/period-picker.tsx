import { useSearchParams } from "@remix-run/react";
import { InlineStack, RadioButton, Text } from "@shopify/polaris";
import { homeTexts } from "#app/texts/home.ts";
import { HOME_PERIODS, type HomePeriod } from "#app/texts/home-page.ts";

const { period: name, periods } = homeTexts.orders;

/** How far the numbers look back; stands in the address, so that it can be shared. */
export function PeriodPicker({ period }: { period: HomePeriod }) {
  const [, setParams] = useSearchParams();
  return (
    <fieldset className="home-periods">
      <Text as="span" visuallyHidden>
        <legend>{name}</legend>
      </Text>
      <InlineStack gap="400">
        {HOME_PERIODS.map((value) => (
          <RadioButton
            key={value}
            id={`period-${value}`}
            name="period"
            label={periods[value]}
            checked={value === period}
            onChange={() =>
              setParams({ period: value }, { preventScrollReset: true, replace: true })
            }
          />
        ))}
      </InlineStack>
    </fieldset>
  );
}
