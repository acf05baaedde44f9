import type { ApplyPatch } from "../../api/client.ts";
import { type Key, type Stored, splitKey } from "../../api/object.ts";
import { assertWellFormed } from "../admission/well-formed.ts";
import type { WriteContext } from "../admission/write-context.ts";
import { readConfiguration } from "../apply/configuration.ts";
import { type Prepared, prepareStatusUpdate, prepareUpdate } from "./prepare.ts";
import type { Configuration } from "./prepare-apply.ts";
import { assertNamedAsUrl } from "./same-object.ts";
import type { WriteEnvironment } from "./write-environment.ts";

/** What is written through one resource or subresource: the whole Object, its status, its scale. Bodies are well-formed. */
export interface ObjectPart {
  /** What a patch changes. */
  shown(current: Stored): object;
  /** The next version that a body makes of `current`. Throws Invalid, Conflict, BadRequest. */
  prepare(current: Stored, body: unknown, context: WriteContext): Prepared;
  /** What a body applies. Throws BadRequest or Invalid. */
  configuration(body: unknown): Omit<Configuration, "force">;
  /** The next version that the whole Object makes, with what was applied. */
  prepareMerged(current: Stored, merged: unknown, context: WriteContext): Prepared;
}

/** What a request applies to the Object of this name. Throws BadRequest, RequestEntityTooLarge, Invalid. */
export function configurationFor(key: Key, { body, force = false }: ApplyPatch, part: ObjectPart): Configuration {
  assertWellFormed(body);
  assertNamedAsUrl(splitKey(key), body);
  return { ...part.configuration(body), force };
}

export function wholeObject({ kind, defaults, content }: WriteEnvironment): ObjectPart {
  const prepare: ObjectPart["prepare"] = (current, body, context) =>
    prepareUpdate(kind, current, body, context, { defaults: defaults(), content });
  return {
    shown: (current) => current,
    prepare,
    configuration: (body) => ({ config: readConfiguration(kind.resource, body, kind.schema.whole) }),
    prepareMerged: prepare,
  };
}

/** It reads as the whole Object does, and nothing but `status` is written. */
export function statusOf(environment: WriteEnvironment): ObjectPart {
  const prepare: ObjectPart["prepare"] = (current, body, context) =>
    prepareStatusUpdate(environment.kind, current, body, context);
  return { ...wholeObject(environment), prepare, prepareMerged: prepare };
}
