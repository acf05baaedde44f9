import type { KubeObject } from "../../api/object.ts";
import type { WriteContext } from "../admission/write-context.ts";
import { assertNodeMayWrite } from "./node-restriction.ts";
import { assertMayBeOwned } from "./owner-restriction.ts";
import { assertMayBeOfSource } from "./source-restriction.ts";
import type { WriteEnvironment } from "./write-environment.ts";
import { assertWriterMay } from "./writer-restriction.ts";

/** What the Authorizer cannot say of a write, for it depends on the very version that is written over. `current` is absent at a create. Throws Forbidden. */
export function assertMayWrite(
  { kind, content, room }: WriteEnvironment,
  context: WriteContext,
  next: KubeObject,
  current?: KubeObject,
): void {
  assertNodeMayWrite(kind, context.user, next, current);
  assertMayBeOwned(kind.resource, context, next, current);
  assertMayBeOfSource(kind, context, content, next, current);
  assertWriterMay(kind, context, content, next, current);
  room.take(kind.resource, context, next, current);
}
