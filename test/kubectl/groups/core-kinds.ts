import { all, configMap } from "../manifests.ts";
import { type Group, gone } from "../row.ts";

const secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: core-applied}\nstringData: {password: s3cret}\n";
const role = `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: core-reader, namespace: NS}
rules:
- {apiGroups: [wctl.dev], resources: [processes], verbs: [get]}
`;
const node = "apiVersion: v1\nkind: Node\nmetadata: {name: node-NS}\n";

/** kubectl writes them as protobuf from 1.32 on, and patches them strategically. */
export const coreKinds: Group = {
  title: "ConfigMaps, Secrets, Namespaces, Nodes, ServiceAccounts",
  given: all(configMap("core-edit", "{k: before}"), node),
  rows: [
    {
      run: "create configmap core-made --from-literal=k=v",
      out: /^configmap\/core-made created\n$/,
      leaves: { "configmap/core-made": { data: { k: "v" } } },
    },
    {
      run: "create secret generic core-secret --from-literal=password=s3cret",
      out: /^secret\/core-secret created\n$/,
      leaves: { "secret/core-secret": { data: { password: "czNjcmV0" }, type: "Opaque" } },
    },
    {
      run: "create namespace NS-more",
      out: /^namespace\/NS-more created\n$/,
      leaves: { "namespace/NS-more": { status: { phase: "Active" } } },
    },
    {
      run: "create serviceaccount core-robot",
      out: /^serviceaccount\/core-robot created\n$/,
    },
    {
      run: "create token core-robot --audience=vault --bound-object-kind=Secret --bound-object-name=core-secret",
      since: 24,
      out: /^[\w-]+\.[\w-]+\.[\w-]+\n?$/,
    },
    {
      run: "create role core-reader --verb=get,list --resource=processes",
      out: /^role\.rbac\.authorization\.k8s\.io\/core-reader created\n$/,
    },
    {
      run: "create rolebinding core-reads --role=core-reader --serviceaccount=NS:core-robot",
      out: /^rolebinding\.rbac\.authorization\.k8s\.io\/core-reads created\n$/,
    },
    {
      run: "auth reconcile -f - --remove-extra-permissions",
      once: true,
      stdin: role,
      out: /^role\.rbac\.authorization\.k8s\.io\/core-reader reconciled\n$/,
      err: /^\treconciliation required update\n\textra rules removed:\n/,
      leaves: {
        "role/core-reader": { rules: [{ apiGroups: ["wctl.dev"], resources: ["processes"], verbs: ["get"] }] },
      },
    },
    { run: "auth can-i get processes --as=system:serviceaccount:NS:core-robot", out: /^yes\n$/ },
    {
      run: "get secrets --as=system:serviceaccount:NS:core-robot",
      code: 1,
      err: /^Error from server \(Forbidden\): secrets is forbidden: User "system:serviceaccount:NS:core-robot" cannot list resource "secrets" in API group "" in the namespace "NS"\n$/,
    },
    {
      run: "apply -f -",
      stdin: configMap("core-applied", "{k: v}"),
      out: /^configmap\/core-applied created\n$/,
      leaves: { "configmap/core-applied": { data: { k: "v" } } },
    },
    {
      run: "apply -f -",
      stdin: configMap("core-applied", "{k: v}"),
      out: /^configmap\/core-applied unchanged\n$/,
      keeps: ["configmap/core-applied"],
    },
    {
      run: "apply -f -",
      stdin: configMap("core-applied", "{l: w}"),
      out: /^configmap\/core-applied configured\n$/,
      leaves: { "configmap/core-applied": { data: { k: undefined, l: "w" } } },
    },
    {
      run: "apply -f -",
      stdin: secret,
      out: /^secret\/core-applied created\n$/,
      leaves: { "secret/core-applied": { data: { password: "czNjcmV0" } } },
    },
    {
      run: "apply -f -",
      stdin: secret,
      out: /^secret\/core-applied (unchanged|configured)\n$/,
      keeps: ["secret/core-applied"],
    },
    {
      run: "edit configmap core-edit",
      editor: "sed -i s/before/after/",
      out: /^configmap\/core-edit edited\n$/,
      leaves: { "configmap/core-edit": { data: { k: "after" } } },
    },
    {
      run: 'patch configmap core-edit -p {"data":{"k":null,"l":"w"}}',
      out: /^configmap\/core-edit patched\n$/,
      leaves: { "configmap/core-edit": { data: { k: undefined, l: "w" } } },
    },
    {
      run: "cordon node-NS",
      out: /^node\/node-NS cordoned\n$/,
      leaves: { "node/node-NS": { spec: { unschedulable: true } } },
    },
    {
      run: "drain node-NS --ignore-daemonsets",
      out: /^node\/node-NS already cordoned\n(.*\n)*node\/node-NS (drained|evicted)\n$/,
    },
    {
      run: "uncordon node-NS",
      out: /^node\/node-NS uncordoned\n$/,
      leaves: { "node/node-NS": { spec: { unschedulable: undefined } } },
    },
    {
      run: "taint node node-NS why=because:NoSchedule",
      out: /^node\/node-NS tainted\n$/,
      leaves: { "node/node-NS": { spec: { taints: [{ effect: "NoSchedule", key: "why", value: "because" }] } } },
    },
    {
      run: "label namespace NS-more team=a",
      out: /^namespace\/NS-more labeled\n$/,
      leaves: { "namespace/NS-more": { metadata: { labels: { team: "a" } } } },
    },
    {
      run: "delete namespace NS-more",
      out: /^namespace "NS-more" deleted\n$/,
      leaves: { "namespace/NS-more": gone },
    },
    { run: "delete node node-NS", out: /^node "node-NS" deleted\n$/, leaves: { "node/node-NS": gone } },
  ],
};
