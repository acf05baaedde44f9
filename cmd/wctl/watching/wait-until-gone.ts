import type { Context } from "../command/command.ts";
import { Failure } from "../errors/failure.ts";
import { throwCollected } from "../errors/throw-collected.ts";
import { Progress } from "../output/progress.ts";
import { deadline } from "./deadline.ts";
import { type Leaving, untilGone } from "./until-gone.ts";

/** Shows what is left while it waits, at most `seconds` (0: as long as it takes). Throws a Failure for each that is not gone then. */
export async function waitUntilGone(leaving: readonly Leaving[], seconds: number, context: Context): Promise<void> {
  const { client } = await context.session.open();
  const progress = new Progress(context);
  const limit = deadline(context.clock, seconds, context.signal);
  const tell = (remaining: readonly Leaving[]): void => {
    const names = remaining.slice(0, 3).map(({ resource, object }) => `${resource.singular}/${object.metadata.name}`);
    const more = remaining.length > 3 ? `, ${remaining.length - 3} more` : "";
    if (remaining.length === 0) progress.clear();
    else progress.show(`Waiting for ${names.join(", ")}${more} to be gone...`);
  };
  tell(leaving);
  const options = { signal: limit.signal, clock: context.clock, left: tell };
  const remaining = await untilGone(client, leaving, options).finally(() => {
    progress.clear();
    limit.cancel();
  });
  throwCollected(
    remaining.map(
      ({ resource, object }) =>
        new Failure(`timed out waiting for the condition on ${resource.plural}/${object.metadata.name}`),
    ),
  );
}
