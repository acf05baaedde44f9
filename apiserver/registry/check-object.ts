import { StatusError } from "../../api/errors.ts";
import type { KubeObject } from "../../api/object.ts";
import { admitObject } from "../admission/admit.ts";
import type { Content } from "../kinds/kind.ts";
import { kinds } from "../kinds/kinds.ts";
import { warningsOf } from "../kinds/validation.ts";
import { prepareCreate, readNew } from "./prepare.ts";

/** What a server would say of a new Object. */
export interface Verdict {
  /** BadRequest, RequestEntityTooLarge or Invalid, with all that is wrong. */
  refusal?: StatusError;
  warnings: string[];
}

const nothingElse: Content = { all: () => [], in: () => [], isEmpty: () => true, find: () => undefined };

/** Of nobody and no time: it is not stored. */
const STAMP = { uid: "00000000-0000-0000-0000-000000000000", creationTimestamp: "1970-01-01T00:00:00Z" };

/**
 * Runs the checks that a create runs before the Store, with unknown fields refused, and the defaults of no configuration. It knows no other Object:
 * what is taken, missing, forbidden or immutable it can't say. Undefined for a kind that is not stored. Pure.
 */
export function checkObject(object: KubeObject): Verdict | undefined {
  const kind = kinds.find(({ resource }) => resource.kind === object.kind);
  if (!kind) return undefined;
  try {
    const { typed, namespace } = readNew(kind, undefined, object);
    const admitted = admitObject(kind, typed, "Strict", {});
    const name = admitted.metadata.name ?? "";
    const next = prepareCreate(kind, admitted, { ...STAMP, name, namespace });
    return { warnings: [...admitted.warnings, ...warningsOf(kind, next, nothingElse)] };
  } catch (error) {
    if (error instanceof StatusError) return { refusal: error, warnings: [] };
    throw error;
  }
}
