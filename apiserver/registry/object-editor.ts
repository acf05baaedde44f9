import type { Patch } from "../../api/client.ts";
import { type Key, type Stored, splitKey } from "../../api/object.ts";
import { assertWellFormed } from "../admission/well-formed.ts";
import type { WriteContext } from "../admission/write-context.ts";
import { isReleased } from "../kinds/kind.ts";
import { applyPatch } from "../patch/apply-patch.ts";
import { assertWritableBack, withManagers, withOwners } from "./field-owners.ts";
import { assertMayWrite } from "./may-write.ts";
import { configurationFor, type ObjectPart, statusOf, wholeObject } from "./object-part.ts";
import type { Prepared } from "./prepare.ts";
import { type Configuration, prepareApply } from "./prepare-apply.ts";
import { assertNamedAsUrl } from "./same-object.ts";
import type { Written } from "./storage.ts";
import type { WriteEnvironment } from "./write-environment.ts";

/** Changes Objects of one kind, as a whole or in a part. Changes of one Object run one after the other. */
export class ObjectEditor {
  readonly whole: ObjectPart;
  readonly status: ObjectPart;
  readonly #environment: WriteEnvironment;

  constructor(environment: WriteEnvironment) {
    this.#environment = environment;
    this.whole = wholeObject(environment);
    this.status = statusOf(environment);
  }

  async update(key: Key, body: unknown, context: WriteContext, part: ObjectPart): Promise<Written> {
    assertNamedAsUrl(splitKey(key), body);
    return await this.change(key, context, (current) => {
      assertWellFormed(body);
      return part.prepare(current, body, context);
    });
  }

  /** An apply is one to an Object that is there. */
  async patch(key: Key, patch: Patch, context: WriteContext, part: ObjectPart): Promise<Written> {
    if (patch.type === "apply") return await this.apply(key, configurationFor(key, patch, part), context, part);
    return await this.change(key, context, (current) => {
      const body = applyPatch(part.shown(current), patch, this.#environment.kind.schema);
      assertWellFormed(body);
      return part.prepare(current, body, { ...context, patched: true });
    });
  }

  async apply(key: Key, configuration: Configuration, context: WriteContext, part: ObjectPart): Promise<Written> {
    const { kind, now } = this.#environment;
    return await this.change(key, context, (current) =>
      prepareApply(kind, current, configuration, context, now(), (merged) => {
        assertWellFormed(merged);
        return part.prepareMerged(current, merged, context);
      }),
    );
  }

  /** Reads, makes the next version, writes. */
  async change(key: Key, context: WriteContext, next: (current: Stored) => Prepared): Promise<Written> {
    const { kind, writer, content } = this.#environment;
    writer.assertWritable();
    return await writer.exclusively(key, async (current) => {
      const prepared = next(current);
      assertMayWrite(this.#environment, context, prepared.next, current);
      if (isReleased(kind, prepared.next)) kind.assertReleasable?.(prepared.next, content);
      const object = await writer.replace(current, this.#owned(current, prepared, context), context.dryRun);
      return { object, created: false, warnings: prepared.warnings };
    });
  }

  #owned(current: Stored, { next, managers }: Prepared, context: WriteContext): Stored {
    const { kind, now } = this.#environment;
    const owned = managers ? withManagers(next, managers) : withOwners(kind, current, next, context, now());
    assertWritableBack(owned, current);
    return owned;
  }
}
