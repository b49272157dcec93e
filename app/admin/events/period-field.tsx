import { BlockStack, Button, ChoiceList, TextField } from "@shopify/polaris";
import { useState } from "react";
import { type EventPeriod, parseEventFilter } from "#app/admin/shell/event-filter.ts";
import { eventsTexts } from "./texts.ts";
import type { FilterChoice } from "./view.ts";

interface PeriodFieldProps {
  choices: FilterChoice[];
  period: EventPeriod;
  onChange: (period: EventPeriod) => void;
}

const CUSTOM = "custom";
const { filters: texts, periods } = eventsTexts;

/** So many days back, or from one day to another. */
export function PeriodField({ choices, period, onChange }: PeriodFieldProps) {
  const [isCustom, setIsCustom] = useState("from" in period);
  const chosen = isCustom || "from" in period ? CUSTOM : String(period.days);
  return (
    <BlockStack gap="300">
      <ChoiceList
        title={texts.date}
        titleHidden
        choices={[...choices, { value: CUSTOM, label: periods.custom }]}
        selected={[chosen]}
        onChange={([value]) => {
          setIsCustom(value === CUSTOM);
          if (value !== CUSTOM) onChange({ days: Number(value) });
        }}
      />
      {chosen === CUSTOM && <TwoDays period={period} onChange={onChange} />}
    </BlockStack>
  );
}

function TwoDays({ period, onChange }: Omit<PeriodFieldProps, "choices">) {
  const [from, setFrom] = useState("from" in period ? period.from : "");
  const [to, setTo] = useState("to" in period ? period.to : "");
  const [error, setError] = useState<string>();
  const apply = () => {
    const { period: parsed } = parseEventFilter(new URLSearchParams({ from, to }));
    setError("from" in parsed ? undefined : texts.badRange);
    if ("from" in parsed) onChange(parsed);
  };
  return (
    <BlockStack gap="200">
      <TextField
        label={texts.from}
        type="date"
        autoComplete="off"
        value={from}
        onChange={setFrom}
      />
      <TextField
        label={texts.to}
        type="date"
        autoComplete="off"
        value={to}
        onChange={setTo}
        {...(error !== undefined && { error })}
      />
      <Button onClick={apply}>{texts.apply}</Button>
    </BlockStack>
  );
}
