import { badRequest, type StatusError } from "../../../api/errors.ts";
import { controllerOf, type Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";

/** Why nothing can be run beside this Instance, and what helps. */
export function notRunning(instance: Stored<Instance>): StatusError {
  const { metadata, status } = instance;
  const phase = status?.phase ?? "Pending";
  const owner = controllerOf(instance)?.name;
  const hint =
    phase === "Stopped" && owner !== undefined
      ? `; "wctl start process/${owner}" starts it`
      : `; "wctl why instance/${metadata.name}" tells more`;
  return badRequest(`instance "${metadata.name}" does not run: it is ${phase}${hint}`);
}
