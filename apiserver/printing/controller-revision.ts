import { controllerOf, type Stored } from "../../api/object.ts";
import { resourceOfKind } from "../../api/scheme.ts";
import type { Cell } from "./cell.ts";

/** As `printControllerRevision` of Kubernetes `pkg/printers/internalversion`: `process.wctl.dev/web`. */
export function revisionController(revision: Stored): Cell {
  const owner = controllerOf(revision);
  if (!owner) return "<none>";
  const resource = resourceOfKind(owner.apiVersion, owner.kind);
  const kind = resource?.singular ?? owner.kind.toLowerCase();
  const group = owner.apiVersion.includes("/") ? owner.apiVersion.slice(0, owner.apiVersion.indexOf("/")) : "";
  return `${group ? `${kind}.${group}` : kind}/${owner.name}`;
}
