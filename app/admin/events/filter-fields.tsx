import { ChoiceList, type IndexFiltersProps } from "@shopify/polaris";
import { useState } from "react";
import type { EventFilter } from "#app/admin/shell/event-filter.ts";
import { PeriodField } from "./period-field.tsx";
import { eventsTexts } from "./texts.ts";
import type { EventListFacts, FilterChoice } from "./view.ts";

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
