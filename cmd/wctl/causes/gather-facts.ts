import type { HttpClient } from "../../../api/http/http-client.ts";
import type { Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import { byIndex } from "../input/owned.ts";
import { tailOf } from "../input/tail-of.ts";
import { type Facts, lastEnd } from "./cause.ts";

const LINES = 5;
/** The output of so many copies is read: the others mostly suffer from the same. */
const READ = 3;

/** What is known of each copy; of the first ones in trouble also the last lines of the run that went wrong. */
export async function gatherFacts(client: HttpClient, copies: readonly Stored<Instance>[]): Promise<Facts[]> {
  const sorted = copies.toSorted(byIndex);
  const read = new Set(sorted.filter((copy) => runInQuestion(copy) !== undefined).slice(0, READ));
  return Promise.all(
    sorted.map(async (instance) => ({
      instance,
      output: read.has(instance)
        ? await tailOf(client, instance, LINES, { previous: runInQuestion(instance) === "previous" })
        : [],
    })),
  );
}

/** Whose output tells what went wrong: that of a program which runs and is not ready, or which has ended. */
function runInQuestion(instance: Stored<Instance>): "present" | "previous" | undefined {
  const { phase, state, ready, backoff } = instance.status ?? {};
  if (state?.running && !ready) return "present";
  if (state?.running) return (backoff?.failures ?? 0) > 0 && lastEnd(instance) ? "previous" : undefined;
  if (state?.waiting && state.waiting.reason !== "CrashLoopBackOff") return undefined;
  return phase === "Backoff" || phase === "Failed" ? "present" : undefined;
}
