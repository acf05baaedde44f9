import type { KubeObject, Stored } from "../../api/object.ts";
import type { JsonObject } from "../../lib/json-object.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { WriteContext } from "../admission/write-context.ts";
import { applyConfiguration, withFormerTimes } from "../apply/apply-configuration.ts";
import { lastAppliedFields, succeedsClientSide, withLastConfiguration } from "../apply/client-side.ts";
import type { Managers } from "../apply/managers.ts";
import { managersAfterUpdate } from "../apply/ownership.ts";
import type { Kind } from "../kinds/kind.ts";
import { managerOf, storedManagers, withManagers } from "./field-owners.ts";
import type { Prepared } from "./prepare.ts";

/** What is applied, read and checked as far as that needs no Object. */
export interface Configuration {
  config: JsonObject & { metadata: JsonObject };
  /** Takes what others own. */
  force: boolean;
  /** Of the errors, where the client speaks another version than the kind's: of a Scale. */
  shownVersion?: string;
}

/** Owns what was there before anybody applied. */
const BEFORE = "before-first-apply";

/** What applying a configuration makes of `current`, or of nothing. `prepare` admits the merged body. Throws as it does, and Conflict. */
export function prepareApply(
  kind: Kind,
  current: Stored,
  { config, force, shownVersion }: Configuration,
  context: WriteContext,
  now: string,
  prepare: (body: unknown) => Prepared,
): Prepared {
  const schema = kind.schema.whole;
  const live = withManagers(current, []);
  const former = storedManagers(current);
  const writer = managerOf(kind, context, "Apply");
  const mayChange = (): ReturnType<typeof lastAppliedFields> => lastAppliedFields(kind.resource, live, schema);
  const { merged, managers } = applyConfiguration({
    live,
    managers: former.length > 0 ? former : beforeFirstApply(kind, live, context, now),
    config: written(kind, config, context),
    schema,
    writer,
    force,
    ...(succeedsClientSide(writer.manager) ? { allowed: mayChange } : {}),
    shownVersion,
    now,
  });
  const follows = succeedsClientSide(writer.manager) && context.subresource === undefined;
  const body = follows ? withLastConfiguration(live, merged as JsonObject, config as unknown as KubeObject) : merged;
  const prepared = prepare(body);
  const isSame = sameJson(live, withManagers(prepared.next, []));
  return { ...prepared, managers: isSame ? withFormerTimes(managers, former) : managers };
}

/** Who owns what of an Object that an apply creates. */
export function managersOfCreated(kind: Kind, { config }: Configuration, context: WriteContext, now: string): Managers {
  const schema = kind.schema.whole;
  const writer = managerOf(kind, context, "Apply");
  const applied = { live: {}, managers: [], config: written(kind, config, context), schema, writer, force: false, now };
  return applyConfiguration(applied).managers;
}

function beforeFirstApply(kind: Kind, live: Stored, context: WriteContext, now: string): Managers {
  const { apiVersion, kind: name } = live;
  const after = written(kind, live as unknown as JsonObject, context);
  const writer = { ...managerOf(kind, context, "Update"), manager: BEFORE };
  return managersAfterUpdate([], { before: { apiVersion, kind: name }, after, schema: kind.schema.whole, writer, now });
}

/** The part of an Object that is written through this resource: status through the subresource of that name alone, and nothing else through it. */
function written({ schema }: Kind, object: JsonObject, { subresource }: WriteContext): JsonObject {
  const { status, ...rest } = object;
  if (subresource !== "status") return schema.status ? rest : object;
  const { apiVersion, kind } = object;
  return status === undefined ? { apiVersion, kind } : { apiVersion, kind, status };
}
