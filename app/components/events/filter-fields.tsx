import { ChoiceList, type IndexFiltersProps } from "@shopify/polaris";
import type { EventFilter } from "#app/events/event-filter.ts";
import type { EventListFacts, FilterChoice } from "#app/texts/event-list.ts";
import { eventsTexts } from "#app/texts/events.ts";
import { PeriodField } from "./period-field.tsx";

const { filters: texts } = eventsTexts;

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

function Choices({ title, choices, selected, onChange }: ChoicesProps) {
  return (
    <ChoiceList
      title={title}
      titleHidden
      allowMultiple
      choices={choices}
      selected={selected}
      onChange={onChange}
    />
  );
}
