import { isObject, type JsonObject } from "../../../lib/json-object.ts";
import type { KubeObject } from "../../object.ts";
import { type Copies, widthOf } from "./budget.ts";
import { asObject, type Built, changed, idsOf, isNamespaced } from "./built.ts";

/**
 * `namespace`: of everything that has one, and, as kustomize has it, the name of a Namespace, and of the ServiceAccounts among the subjects of a
 * binding those that are built too or are called `default`.
 */
export function setNamespace(all: readonly Built[], namespace: string, copies: Copies): Built[] {
  const accounts = new Set(
    all
      .filter(({ manifest }) => manifest.object.kind === "ServiceAccount")
      .flatMap(idsOf)
      .map((id) => `${id.namespace}/${id.name}`),
  );
  return all.map((built) => {
    const { object } = built.manifest;
    copies(widthOf(object) + widthOf(object.metadata) + widthOf((object as { subjects?: unknown }).subjects));
    return changed(built, moved(object, namespace, accounts));
  });
}

function moved(object: KubeObject, namespace: string, accounts: ReadonlySet<string>): KubeObject {
  const { metadata } = object;
  if (object.kind === "Namespace" && object.apiVersion === "v1") {
    return { ...object, metadata: { ...metadata, name: namespace } };
  }
  const here = isNamespaced(object) ? { ...object, metadata: { ...metadata, namespace } } : object;
  const { subjects } = here as KubeObject & { subjects?: unknown };
  if (!/^(Cluster)?RoleBinding$/.test(object.kind) || !Array.isArray(subjects)) return here;
  const isMoved = (subject: JsonObject): boolean => {
    const from = subject.namespace ?? metadata.namespace ?? "";
    return subject.kind === "ServiceAccount" && (subject.name === "default" || accounts.has(`${from}/${subject.name}`));
  };
  return asObject({
    ...here,
    subjects: subjects.map((subject) => (isObject(subject) && isMoved(subject) ? { ...subject, namespace } : subject)),
  });
}
