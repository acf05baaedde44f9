import type { DeleteOptions } from "../../api/client.ts";
import type { LoggedCopy } from "../../api/copy.ts";
import type { Key, KubeObject, Stored } from "../../api/object.ts";
import { processes, type Resource } from "../../api/scheme.ts";
import { isObject } from "../../lib/json-object.ts";
import type { Admissible } from "../admission/admit.ts";
import type { Authority } from "../admission/authority.ts";
import { schemaOf } from "../admission/schema.ts";
import type { WriteContext } from "../admission/write-context.ts";
import { ageColumn, type Column } from "../printing/column.ts";
import type { FieldError } from "../validation/field-error.ts";
import { subdomainError } from "../validation/names.ts";

/**
 * What one kind means to the API server. Whatever it does not say is as for every other kind, and no other room asks which kind an
 * Object is of. The hooks are Kubernetes' strategies (`rest.RESTCreateStrategy` and the like), in the order in which they are called.
 */
export interface KindDefinition<T extends KubeObject> extends Pick<Admissible, "applyConfiguredDefaults"> {
  readonly resource: Resource<T>;

  /** Changes, in place, a new Object that fits its schema and has its defaults. */
  prepareForCreate?(next: T): void;
  /** The same for the next version of one. The writer gets what it returns as a warning. */
  prepareForUpdate?(next: T, current: T, writer: Pick<WriteContext, "user">): string | undefined;
  /** Why this cannot be the name of such an Object. Default: it is no DNS subdomain. */
  nameError?(name: string): string | undefined;
  /** What is demanded of an Object beyond its schema. Pure. */
  validate?(next: T): FieldError[];
  /** What is demanded of a change, beside `validate`. Pure. */
  validateUpdate?(current: T, next: T): FieldError[];
  /** Why the agent of `node` must not write this, though it may write such Objects. `current` is absent at a create. Pure. */
  nodeRestriction?(node: string, next: T, current: T | undefined): string | undefined;
  /** Why this writer must not write this, though he may write such Objects: it would give what he does not have. `current` is absent at a create. */
  writerRestriction?(next: T, current: T | undefined, writer: Authority, content: Content): string | undefined;
  /** Why this user must not run a command beside it, though he may run commands beside such Objects. */
  execRestriction?(object: T, user: Authority): string | undefined;
  /** Warnings: what is allowed but probably not meant. The writer sees them. */
  warnings?(next: T, content: Content): string[];

  /** Throws when the Object of this name may never be deleted. */
  assertDeletable?(name: string): void;
  /** Changes, in place, an Object that is about to be marked as deleting. */
  prepareForDelete?(next: T): void;
  /** The propagation policy, where it is not what the request says. */
  propagation?(current: T, options: DeleteOptions): DeleteOptions["propagation"];
  /** Is a DELETE answered with the Object also when it is gone? Default: with a Status. */
  returnsDeletedObject?: boolean;
  /** How long ending may take when the request does not say, in seconds. Undefined: nothing is written of it. Default: 0. */
  gracePeriodSeconds?(object: T): number | undefined;
  /** The finalizers that keep a deleting Object. Default: `metadata.finalizers`. */
  finalizersOf?(object: T): readonly string[];
  /** Throws when a deleting Object that nothing holds must not go yet. */
  assertReleasable?(next: T, content: Content): void;

  /** What cells are worked out from beside the Object. */
  related?: Related;
  /** After NAME. Default: AGE. */
  columns?: readonly Column<T>[];
  /** Field selectors beside metadata.name and metadata.namespace. Each is the path of its value, unless it says another. */
  selectableFields?: readonly (string | { field: string; absent: string } | { field: string; texts: Texts<T> })[];
  /** For kinds with the subresource `scale`. Paths begin with a dot. */
  scale?: ScalePaths;

  /** For kinds with the subresource `log`: whose output it is. `index`: of the copy that is asked for. Throws BadRequest for an index that means nothing. */
  loggedCopy?(object: Stored<T>, index: number | undefined, find: Find): LoggedCopy;

  /** Does `metadata.generation` count the changes of its spec? Default: of all but the kinds of Kubernetes' core group. */
  hasGeneration?: boolean;

  /** May it be written over whatever is there, without a resourceVersion? Default: as in Kubernetes, all but our own kinds, which are custom resources to its clients. */
  allowsUnconditionalUpdate?: boolean;

  /** Bytes. What watches can resume from is kept apart from that of other kinds, which this one would push out. Default: it is not. */
  historyBytes?: number;

  /** Default: many can be deleted by one request. */
  isDeletedOneByOne?: boolean;

  /** Are its records encrypted in the store? Default: they are not. */
  encryptedAtRest?: boolean;

  /** Objects that must always be there: they are made when the server starts. */
  bootstrapObjects?: readonly T[];
  /** What one of them becomes at a later start, where it is there already. Undefined, and the default: it stays as it is. */
  reconcileBootstrap?(expected: T, current: Stored<T>): T | undefined;
}

/** Objects of another kind that belong to those of this one. */
export interface Related {
  resource: Resource;
  /** The key of the Object that it belongs to. Undefined: it belongs to none. */
  keyOf(other: Stored): Key | undefined;
}

export interface ScalePaths {
  specReplicas: string;
  statusReplicas: string;
  labelSelector: string;
}

/** The Object that is stored under this key. */
export type Find = (resource: Resource, key: Key) => Stored | undefined;

/** What a kind may know of the other Objects that are stored. */
export interface Content {
  /** Of all namespaces. */
  all<T extends KubeObject>(resource: Resource<T>): readonly Stored<T>[];
  in<T extends KubeObject>(resource: Resource<T>, namespace: string): readonly Stored<T>[];
  isEmpty(resource: Resource, namespace: string): boolean;
  find(resource: Resource, key: Key): Stored | undefined;
}

/** The texts of a selectable field of one Object: `=` asks for one of them, `!=` for none. */
type Texts<T extends KubeObject> = (object: Stored<T>) => readonly string[];
export type SelectableField = (object: KubeObject) => readonly string[];

type Defaulted =
  | "nameError"
  | "columns"
  | "hasGeneration"
  | "gracePeriodSeconds"
  | "finalizersOf"
  | "allowsUnconditionalUpdate";

/** A KindDefinition with everything filled in; the Objects that its hooks are given are of this kind. */
export interface Kind
  extends Omit<KindDefinition<KubeObject>, "selectableFields" | Defaulted>,
    Required<Pick<KindDefinition<KubeObject>, Defaulted>>,
    Admissible {
  selectableFields: ReadonlyMap<string, SelectableField>;
  /** May a body leave apiVersion and kind out? The same. */
  impliesTypeMeta: boolean;
}

/** What the selectors of a list are about. */
export type Selectable = Pick<Kind, "resource" | "selectableFields">;

export function defineKind<T extends KubeObject>({ selectableFields = [], ...own }: KindDefinition<T>): Kind {
  const isCustom = own.resource.group === processes.group;
  const definition = own as unknown as KindDefinition<KubeObject>;
  return {
    nameError: subdomainError,
    gracePeriodSeconds: () => 0,
    finalizersOf: ({ metadata }) => metadata.finalizers ?? [],
    columns: [ageColumn],
    hasGeneration: own.resource.group !== "",
    allowsUnconditionalUpdate: !isCustom,
    ...definition,
    schema: schemaOf(definition.resource),
    selectableFields: new Map(selectableFields.map(selectable)),
    impliesTypeMeta: !isCustom,
  };
}

function selectable<T extends KubeObject>(
  one: NonNullable<KindDefinition<T>["selectableFields"]>[number],
): [string, SelectableField] {
  if (typeof one === "string") return [one, fieldAt(one)];
  if ("texts" in one) return [one.field, one.texts as unknown as SelectableField];
  return [one.field, fieldAt(one.field, one.absent)];
}

/** The value at a path like `spec.nodeName`; `absent` when there is none. */
export function fieldAt(field: string, absent = ""): SelectableField {
  const path = field.split(".");
  return (object) => {
    let value: unknown = object;
    for (const part of path) value = isObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
    return [value === undefined || value === null ? absent : String(value)];
  };
}

/** Nothing holds the deleting Object any more. */
export const isReleased = (kind: Kind, object: KubeObject): boolean =>
  object.metadata.deletionTimestamp !== undefined && kind.finalizersOf(object).length === 0;
