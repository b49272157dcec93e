import { useSearchParams } from "@remix-run/react";
import { InlineStack, RadioButton, Text } from "@shopify/polaris";
import { useEffect, useState } from "react";
import { homeTexts } from "./texts.ts";
import { HOME_PERIODS, type HomePeriod } from "./view.ts";

const { period: name, periods } = homeTexts.orders;

/** How far the numbers look back; stands in the address, so that it can be shared. */
export function PeriodPicker({ period }: { period: HomePeriod }) {
  const [, setParams] = useSearchParams();
  // A choice is seen at once; the numbers follow when they are there.
  const [chosen, setChosen] = useState(period);
  useEffect(() => setChosen(period), [period]);
  const choose = (value: HomePeriod) => {
    setChosen(value);
    setParams({ period: value }, { preventScrollReset: true, replace: true });
  };
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
            checked={value === chosen}
            onChange={() => choose(value)}
          />
        ))}
      </InlineStack>
    </fieldset>
  );
}
