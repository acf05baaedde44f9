import { isPaused } from "../../api/apply/source-marks.ts";
import type { Stored } from "../../api/object.ts";
import type { Declared, Desired } from "./desired.ts";
import { type AppliedObject, idOf, type Made } from "./inventory.ts";

/** From what each Object was last applied without failure, and what it was then. It only saves work: whoever remembers nothing applies everything. */
export class AppliedBefore {
  readonly #byId = new Map<string, AppliedObject & { signature: string }>();

  /** By id. */
  get objects(): ReadonlyMap<string, AppliedObject> {
    return this.#byId;
  }

  /**
   * What changed in the source since it was applied, what is not there any more, and, where drift is corrected, what somebody has changed. Nothing that is
   * paused, by somebody or by its own manifest: were that mark applied, no later revision could take it away.
   */
  due(desired: Desired, made: readonly Made[], drift: "Keep" | "Correct"): Declared[] {
    const there = new Map(made.map(({ id, object }) => [id, object]));
    return Array.from(desired.objects)
      .filter(([id, { signature, object: declared }]) => {
        if (isPaused(declared)) return false;
        const object = there.get(id);
        if (!object || object.metadata.deletionTimestamp) return true;
        if (isPaused(object)) return false;
        const before = this.#byId.get(id);
        if (before?.signature !== signature) return true;
        return drift === "Correct" && before.resourceVersion !== object.metadata.resourceVersion;
      })
      .map(([, declared]) => declared);
  }

  /** `due`: what was to be applied of `desired`; `applied`: what of it was, each as it is now. */
  remember({ objects }: Desired, due: readonly Declared[], applied: ReadonlyMap<Declared, Stored>): void {
    for (const id of this.#byId.keys()) if (!objects.has(id)) this.#byId.delete(id);
    for (const one of due) this.#byId.delete(idOfDeclared(one));
    for (const [one, { metadata }] of applied) {
      const { resourceVersion } = metadata;
      this.#byId.set(idOfDeclared(one), { kind: one.resource.kind, signature: one.signature, resourceVersion });
    }
  }
}

const idOfDeclared = ({ resource, key }: Declared): string => idOf(resource, key);
