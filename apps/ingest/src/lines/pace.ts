import type { SourceConfig } from "@sluice/config";
import type { Pace } from "@sluice/sources";

/** How fast, and when, objects of a source are sent. */
export function paceOf({ maxPerSecond, quietHours, timeZone }: SourceConfig): Pace {
  return {
    maxPerSecond: maxPerSecond ?? null,
    quietHours: quietHours.map((hours) => {
      const [from = 0, until = 0] = hours.split("-").map(minuteOfDay);
      return { from, until };
    }),
    timeZone: timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

function minuteOfDay(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}
