import type { Waiting } from "../../../../lib/waiting.ts";
import type { Context } from "../../command/command.ts";
import type { Option } from "../../command/option.ts";
import { openServices } from "../../daemon.ts";
import { usageFailure } from "../../errors/failure.ts";
import type { Services } from "../../services.ts";

/** Flags of the verbs of `wctl service`. */
export const serviceName = {
  name: "name",
  type: "string",
  placeholder: "NAME",
  default: "wctl",
  description: "The name of the service.",
} as const satisfies Option;

export const waitAtMost = {
  name: "timeout",
  type: "duration",
  default: 240,
  description: "Give up waiting for the service after this long; it still carries out the request.",
} as const satisfies Option;

export const keepWorkloads = {
  name: "keep-workloads",
  type: "boolean",
  description: "Leave the workloads running; the daemon finds them again when it starts.",
} as const satisfies Option;

/** The verbs of `wctl service` take flags only. */
export async function services(verb: string, args: readonly string[]): Promise<Services> {
  if (args.length > 0) throw usageFailure(verb, `unexpected argument: ${args[0]}`);
  return openServices();
}

export const waiting = (flags: { timeout: number }, { signal }: Context): Waiting => {
  return { timeoutMs: flags.timeout * 1000, signal };
};
