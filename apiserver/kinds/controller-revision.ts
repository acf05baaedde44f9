import { controllerOf, type Stored } from "../../api/object.ts";
import { controllerRevisions, resourceOfKind } from "../../api/scheme.ts";
import type { ControllerRevision } from "../../api/types.generated.ts";
import { isObject } from "../../lib/json-object.ts";
import { sameJson } from "../../lib/same-json.ts";
import type { Authority } from "../admission/authority.ts";
import { ageColumn, type Cell } from "../printing/column.ts";
import { type FieldError, invalidValue, required } from "../validation/field-error.ts";
import { defineKind } from "./kind.ts";
import { programRestriction } from "./program-use.ts";

/** The rules of Kubernetes' `pkg/apis/apps/validation`: what is kept is never changed, only its place in the history. */
export const controllerRevisionKind = defineKind<ControllerRevision>({
  resource: controllerRevisions,
  hasGeneration: false,
  validate: ({ data }) => (data === undefined ? [required("data", "data is mandatory")] : []),
  validateUpdate,
  writerRestriction,
  columns: [
    { name: "Controller", type: "string", description: "Whose template it was.", cell: controller },
    { name: "Revision", type: "integer", path: ".revision", description: "The highest is the newest." },
    ageColumn,
  ],
});

/** wctl may bring a kept template back: so who makes one must have been given its account, as who makes a Process. What is kept never changes. */
function writerRestriction(
  { metadata, data }: ControllerRevision,
  current: ControllerRevision | undefined,
  writer: Authority,
): string | undefined {
  const template = isObject(data) ? data.spec : undefined;
  if (current || !isObject(template)) return undefined;
  return programRestriction({ metadata, spec: template }, undefined, writer);
}

function validateUpdate(current: ControllerRevision, next: ControllerRevision): FieldError[] {
  return sameJson(current.data, next.data) ? [] : [invalidValue("data", "", "field is immutable")];
}

/** As `printControllerRevision` of Kubernetes `pkg/printers/internalversion`: `process.wctl.dev/web`. */
function controller(revision: Stored<ControllerRevision>): Cell {
  const owner = controllerOf(revision);
  if (!owner) return "<none>";
  const resource = resourceOfKind(owner.apiVersion, owner.kind);
  const kind = resource?.singular ?? owner.kind.toLowerCase();
  const group = owner.apiVersion.includes("/") ? owner.apiVersion.slice(0, owner.apiVersion.indexOf("/")) : "";
  return `${group ? `${kind}.${group}` : kind}/${owner.name}`;
}
