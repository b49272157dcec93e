import {
  BlockStack,
  Button,
  ChoiceList,
  type IndexFiltersProps,
  TextField,
} from "@shopify/polaris";
import { useState } from "react";
import {
  type EventFilter,
  type EventPeriod,
  parseEventFilter,
} from "#app/admin/shell/event-filter.ts";
import type { EventListFacts, FilterChoice } from "./read-event-list.server.ts";
import { eventsTexts } from "./texts.ts";

const { filters: texts, periods } = eventsTexts;

/** The choice of a first and a last day, beside the periods in days. */
const CUSTOM = "custom";

/** The fields behind the filters' buttons. */
export function toFilterFields(
  { choices }: EventListFacts,
  filter: EventFilter,
  onChange: (changes: Partial<EventFilter>) => void,
): IndexFiltersProps["filters"] {
  return [
    {
      key: "kind",
      label: texts.kind,
      pinned: true,
      filter: (
        <Choices
          title={texts.kind}
          choices={choices.kinds}
          selected={filter.kinds}
          onChange={(kinds) => onChange({ kinds })}
        />
      ),
    },
    {
      key: "state",
      label: texts.state,
      pinned: true,
      filter: (
        <Choices
          title={texts.state}
          choices={choices.states}
          selected={filter.states}
          onChange={(states) => onChange({ tab: "all", states: states as EventFilter["states"] })}
        />
      ),
    },
    {
      key: "reason",
      label: texts.reason,
      pinned: true,
      filter: (
        <Choices
          title={texts.reason}
          choices={choices.reasons}
          selected={filter.reasons}
          onChange={(reasons) =>
            onChange({ tab: "all", reasons: reasons as EventFilter["reasons"] })
          }
        />
      ),
    },
    {
      key: "source",
      label: texts.source,
      pinned: true,
      filter: (
        <Choices
          title={texts.source}
          choices={choices.sources}
          selected={filter.sources}
          onChange={(sources) => onChange({ sources })}
        />
      ),
    },
    {
      key: "date",
      label: texts.date,
      pinned: true,
      filter: (
        <PeriodField
          choices={choices.periods}
          period={filter.period}
          onChange={(period) => onChange({ period })}
        />
      ),
    },
  ];
}

interface ChoicesProps {
  title: string;
  choices: FilterChoice[];
  selected: string[];
  onChange: (selected: string[]) => void;
}

/** Shows at once what was chosen: the list follows when the server has answered. */
function Choices({ title, choices, selected, onChange }: ChoicesProps) {
  const known = selected.join("\n");
  const [shown, setShown] = useState({ known, selected });
  // The URL has changed, by this choice or by the back button.
  if (shown.known !== known) setShown({ known, selected });
  return (
    <ChoiceList
      title={title}
      titleHidden
      allowMultiple
      choices={choices}
      selected={shown.selected}
      onChange={(next) => {
        setShown({ known, selected: next });
        onChange(next);
      }}
    />
  );
}

interface PeriodFieldProps {
  choices: FilterChoice[];
  period: EventPeriod;
  onChange: (period: EventPeriod) => void;
}

/** So many days back, or from one day to another. */
function PeriodField({ choices, period, onChange }: PeriodFieldProps) {
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
