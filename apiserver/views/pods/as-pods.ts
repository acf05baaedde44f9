import { isConflict, isNotFound, isReason, StatusError } from "../../../api/errors.ts";
import { instances, pods } from "../../../api/scheme.ts";

/** What is refused of an Instance by name is refused of the Pod: clients look for the resource that they asked for. */
export async function asPods<T>(ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const isNamed = isNotFound(error) || isConflict(error) || isReason(error, "Forbidden");
    if (!isNamed || error.details?.kind !== instances.plural) throw error;
    const { group: _, ...details } = error.details;
    const message = error.message.replace(`${instances.plural}.${instances.group} `, `${pods.plural} `);
    throw new StatusError(error.reason, message, { details: { ...details, kind: pods.plural }, cause: error });
  }
}
