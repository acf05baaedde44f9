import { enumerate } from "../../../lib/wording.ts";
import type { Entry } from "../text/labelled-lines.ts";
import { plainLine } from "../text/plain.ts";
import type { Cause, Facts } from "./cause.ts";
import { causeOfEnd, causeOfInstance, groupCauses } from "./causes.ts";

/** What is told of the causes, and what went wrong lately with copies that are well again. */
export interface Told {
  entries: Entry[];
  /** The last lines that the copies in question have written. */
  outputs: Entry[];
  /** Something is not as it was wanted. */
  isTrouble: boolean;
}

/** `own`: the cause that is not a copy's. `named`: whether the copies are named, because there may be others. */
export function causeEntries(own: Cause | undefined, facts: readonly Facts[], named: boolean): Told {
  const causes = facts.flatMap((one) => {
    const cause = causeOfInstance(one);
    return cause ? [{ instance: one.instance, output: one.output, cause }] : [];
  });
  const well = facts.flatMap((one) => {
    const cause = recovered(one) ? causeOfEnd(one) : undefined;
    return cause ? [{ instance: one.instance, output: one.output, cause }] : [];
  });
  const written = [...causes, ...well].filter(({ output }) => output.length > 0);
  return {
    isTrouble: own !== undefined || causes.length > 0,
    entries: [
      ...(own ? entriesOf("Cause", "", own) : []),
      ...groupCauses(causes).flatMap(({ names, cause }) => entriesOf("Cause", who(names, named), cause)),
      ...groupCauses(well).flatMap(({ names, cause }) => entriesOf("Last failure", who(names, named), cause)),
    ],
    outputs: written.map(({ instance, output }) => [
      `Last output${who([instance.metadata.name], named, " of ")}`,
      output,
    ]),
  };
}

/** It runs again, and has not run for long enough that its failures are forgotten. */
const recovered = ({ instance: { status } }: Facts): boolean =>
  status?.ready === true && (status.backoff?.failures ?? 0) > 0;

const who = (names: readonly string[], named: boolean, before = ""): string =>
  named ? `${before}${enumerate(names)}` : "";

function entriesOf(label: string, of: string, { reason, message, advice }: Cause): Entry[] {
  const said = reason === "Error" || message.includes(reason) ? plainLine(message) : `${reason}: ${plainLine(message)}`;
  return [
    [label, of === "" ? said : `${of}: ${said}`],
    ["Advice", advice || undefined],
  ];
}
