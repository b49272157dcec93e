import { useNavigate } from "@remix-run/react";
import { Button, ButtonGroup } from "@shopify/polaris";
import { LOOKBACKS, type Lookback } from "#app/events/quality-score.ts";
import { qualityTexts } from "./texts.ts";

/** Which of Pinterest's two periods is shown. */
export function PeriodSwitch({ lookback }: { lookback: Lookback }) {
  const navigate = useNavigate();
  return (
    <ButtonGroup variant="segmented">
      {LOOKBACKS.map((period) => (
        <Button
          key={period}
          pressed={period === lookback}
          onClick={() =>
            navigate(`/app/quality?period=${period}`, { replace: true, preventScrollReset: true })
          }
        >
          {qualityTexts.periods[period]}
        </Button>
      ))}
    </ButtonGroup>
  );
}
