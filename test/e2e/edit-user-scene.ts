import type { Asking } from "./asking.ts";

/** What nobody but the owner of it may read; it is in all that is elsewhere. */
export const CANARY = "c4nary";
export const rbac = "/apis/rbac.authorization.k8s.io/v1";
export const processes = (namespace: string): string => `/apis/wctl.dev/v1/namespaces/${namespace}/processes`;
export const map = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });
export const manifest = (name: string, spec: object) => ({
  apiVersion: "wctl.dev/v1",
  kind: "Process",
  metadata: { name },
  spec: { command: "/bin/sleep", args: ["100000"], runAs: { account: "Dynamic" }, ...spec },
});
/** Eve edits `a`, in which root has a program too; what is in `b` is none of her business. */
export const given = `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: eve, namespace: a}
subjects: [{kind: User, name: eve}]
roleRef: {kind: ClusterRole, name: edit}
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: b, labels: {word: ${CANARY}}}
stringData: {k: ${CANARY}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: s, namespace: b, annotations: {word: ${CANARY}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: of-roots, namespace: a}
data: {A: "1"}
---
apiVersion: wctl.dev/v1
kind: Process
metadata: {name: s, namespace: b}
spec: {command: /bin/sh, args: ["-c", "echo ${CANARY}; exec sleep 100000"]}
---
apiVersion: wctl.dev/v1
kind: Process
metadata: {name: roots, namespace: a}
spec: {command: /bin/sleep, args: ["100000"], envFrom: [{configMapRef: {name: of-roots}}]}
`;

export interface Served {
  root: string;
  plural: string;
  subresource?: string;
  namespaced: boolean;
}

/** All that discovery shows. */
export async function served(eve: Asking): Promise<Served[]> {
  const groups: { preferredVersion: { groupVersion: string } }[] = (await eve.ask("GET", "/apis")).json.groups;
  const roots = ["/api/v1", ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const found: Served[] = [];
  for (const root of roots)
    for (const { name, namespaced } of (await eve.ask("GET", root)).json.resources) {
      const [plural, subresource] = name.split("/");
      found.push({ root, plural, namespaced, ...(subresource === undefined ? {} : { subresource }) });
    }
  return found;
}

const kinds = "/api/v1/namespaces /api/v1/secrets /api/v1/configmaps /api/v1/serviceaccounts"
  .split(" ")
  .concat("processes instances".split(" ").map((plural) => `/apis/wctl.dev/v1/${plural}`))
  .concat("roles rolebindings clusterroles clusterrolebindings".split(" ").map((plural) => `${rbac}/${plural}`));

/** What is not in her namespace, and root's program in it. */
export async function elsewhere(admin: Asking): Promise<string[]> {
  const seen: string[] = [];
  for (const path of kinds)
    for (const { metadata, spec, data } of (await admin.ask("GET", path)).json.items) {
      const { name, namespace, uid, resourceVersion } = metadata;
      if (namespace !== "a") seen.push(`${path} ${namespace} ${name} ${uid} ${resourceVersion}`);
      else if (/roots/.test(name)) seen.push(`${path} ${name} ${uid} ${JSON.stringify([spec, data])}`);
    }
  return seen;
}
