import { threeWayPatch } from "../../../../api/apply/three-way-patch.ts";
import { parseManifests } from "../../../../api/manifests/parse-manifests.ts";
import { type KubeObject, makeKey, type Stored } from "../../../../api/object.ts";
import type { JsonObject } from "../../../../lib/json-object.ts";
import { Failure } from "../../errors/failure.ts";
import type { Found } from "../../input/find-objects.ts";

/** What is to be sent of one object that was edited. */
export interface Edited {
  found: Found;
  object: KubeObject;
  /** A merge patch; undefined when nothing was changed. */
  patch: JsonObject | undefined;
}

/**
 * The edited text beside what the editor showed. Objects that the text no longer has are left as they are. Throws a ManifestError for what can't be
 * understood, and a Failure when it is another object now.
 */
export function editedObjects(text: string, originals: readonly Found[]): Edited[] {
  return parseManifests(text, "the edited file").map(({ object }) => {
    const found = originals.find((one) => isSame(one.object, object));
    if (!found) throw new Failure("At least one of apiVersion, kind and name was changed");
    return { found, object, patch: patchOf(found.object, object) };
  });
}

const isSame = (a: Stored, b: KubeObject): boolean =>
  a.apiVersion === b.apiVersion && a.kind === b.kind && keyOf(a) === keyOf(b);

const keyOf = ({ metadata }: KubeObject): string => makeKey(metadata.namespace, metadata.name);

/** From what was shown to what was typed: what others have changed meanwhile stays. */
const patchOf = (before: Stored, after: KubeObject): JsonObject | undefined => {
  const shown = before as unknown as JsonObject;
  return threeWayPatch(shown, shown, after as unknown as JsonObject);
};
