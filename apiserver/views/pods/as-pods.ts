import { isConflict, isNotFound, isReason, StatusError } from "../../../api/errors.ts";
import { instances, pods } from "../../../api/scheme.ts";

/** What a deletion demands is refused in the name of the kind, everything else in that of the resource. */
const shownAs: ReadonlyMap<string, string> = new Map([
  [instances.plural, pods.plural],
  [instances.kind, pods.kind],
]);

/** What is refused of an Instance by name is refused of the Pod: clients look for the resource that they asked for. */
export async function asPods<T>(ask: () => T | Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(isNotFound(error) || isConflict(error) || isReason(error, "Forbidden"))) throw error;
    const { group, kind = "", ...details } = error.details ?? {};
    const shown = shownAs.get(kind);
    if (shown === undefined) throw error;
    const message = error.message.replace(`${kind}.${group} `, `${shown} `);
    throw new StatusError(error.reason, message, { details: { ...details, kind: shown }, cause: error });
  }
}
