import { all, configMap, idle } from "../manifests.ts";
import type { Group } from "../row.ts";

/** Objects, as tables and whole. */
export const reading: Group = {
  title: "get, describe, events, watch",
  given: all(
    idle("read-a", "replicas: 2", "{app: read}"),
    idle("read-b", "", "{app: read, tier: back}"),
    configMap("read-c", "{k: v}"),
  ),
  rows: [
    {
      run: "get processes",
      out: /^NAME +READY +STATUS +RESTARTS +AGE\nread-a +0\/2 +(Pending|Stopped) +0 +\d+s\nread-b /,
    },
    { run: "get proc -o wide", out: /^NAME .* AGE +PID +COMMAND +NODE +PORTS\nread-a .* \/bin\/sleep / },
    {
      run: "get processes.wctl.dev -o name",
      once: true,
      out: /^process\.wctl\.dev\/read-a\nprocess\.wctl\.dev\/read-b\n$/,
    },
    { run: "get process.v1.wctl.dev read-a --show-labels", once: true, out: /^NAME .* LABELS\nread-a .* app=read\n$/ },
    { run: "get process read-a -L app", once: true, out: /^NAME .* APP\nread-a .* read\n$/ },
    {
      run: "get process/read-a configmap/read-c",
      once: true,
      out: /^NAME .*\nprocess\.wctl\.dev\/read-a .*\n\nNAME +DATA +AGE\nconfigmap\/read-c +1 +\d+s\n$/,
    },
    { run: "get process read-a -o jsonpath={.spec.replicas}{.kind}", once: true, out: /^2Process$/ },
    { run: "get processes -o jsonpath={.items[*].metadata.name}", out: /^read-a read-b$/ },
    {
      run: "get process read-a -o json",
      once: true,
      out: /^\{\n {4}"apiVersion": "wctl\.dev\/v1",\n {4}"kind": "Process",\n/,
    },
    { run: "get process read-a -o yaml", once: true, out: /^apiVersion: wctl\.dev\/v1\nkind: Process\nmetadata:\n/ },
    {
      run: "get processes -o yaml",
      once: true,
      out: /^apiVersion: v1\nitems:\n- apiVersion: wctl\.dev\/v1\n {2}kind: Process\n[\s\S]*\nkind: List\n/,
    },
    {
      run: "get processes -o custom-columns=N:.metadata.name,R:.spec.replicas",
      once: true,
      out: /^N +R\nread-a +2\nread-b +\S+\n$/,
    },
    {
      run: "get processes -o go-template={{range.items}}{{.metadata.name}};{{end}}",
      once: true,
      out: /^read-a;read-b;$/,
    },
    { run: "get processes --sort-by=.metadata.name --no-headers", once: true, out: /^read-a .*\nread-b .*\n$/ },
    { run: "get processes -l tier=back", out: /^NAME .*\nread-b .*\n$/ },
    { run: "get processes -l app=read,tier!=back -o name", out: /^process\.wctl\.dev\/read-a\n$/ },
    { run: "get processes --field-selector=metadata.name=read-b -o name", out: /^process\.wctl\.dev\/read-b\n$/ },
    {
      run: "get processes --field-selector=spec.nosuch=1",
      code: 1,
      err: /^Error from server \(BadRequest\): .*field label not supported: spec\.nosuch\b/,
    },
    { run: "get processes --chunk-size=1 -o name", out: /^process\.wctl\.dev\/read-a\nprocess\.wctl\.dev\/read-b\n$/ },
    {
      run: "get processes -A --field-selector=metadata.namespace=NS --no-headers",
      out: /^NS +read-a .*\nNS +read-b .*\n$/,
    },
    { run: "get all", out: /^process\.wctl\.dev\/read-a /m },
    { run: "get -f - -o name", once: true, stdin: idle("read-a"), out: /^process\.wctl\.dev\/read-a\n$/ },
    {
      run: "get process nosuch",
      code: 1,
      err: /^Error from server \(NotFound\): processes\.wctl\.dev "nosuch" not found\n$/,
    },
    { run: "get process nosuch --ignore-not-found read-a -o name", once: true, out: /^process\.wctl\.dev\/read-a\n$/ },
    { run: "get secrets", once: true, err: /^No resources found in NS namespace\.\n$/ },
    {
      run: "get nosuchkind",
      once: true,
      code: 1,
      err: /^error: the server doesn't have a resource type "nosuchkind"\n$/,
    },
    {
      run: "get process read-a -w --no-headers",
      watching: { change: "process/read-a", to: { spec: { replicas: 3 } } },
      out: /^read-a .*\nread-a /,
      leaves: { "process/read-a": { spec: { replicas: 3 } } },
    },
    {
      run: "get configmaps -w -o jsonpath={.metadata.name}={.data.k}; --field-selector=metadata.name=read-c",
      watching: { change: "configmap/read-c", to: { data: { k: "w" } } },
      out: /^read-c=v;read-c=w;/,
      leaves: { "configmap/read-c": { data: { k: "w" } } },
    },
    {
      run: "describe process read-b",
      out: /^Name: +read-b\nNamespace: +NS\nLabels: +app=read\n +tier=back\n[\s\S]*\nEvents:/,
    },
    { run: "describe configmap read-c", out: /^Name: +read-c\n[\s\S]*\nk:\n----\nw\n/ },
    { run: "describe nodes", out: /^Name: +\S+\n[\s\S]*\nCapacity:\n +cpu: +\d+\n[\s\S]*\n +\S+ +read-a-0 / },
    { run: "describe nodes", out: /\n +Machine ID: +\w+\n[\s\S]*\n +Kubelet Version: +v/ },
    {
      run: "get nodes -o wide",
      out: /^NAME +STATUS +ROLES +AGE +VERSION +INTERNAL-IP +EXTERNAL-IP +OS-IMAGE +KERNEL-VERSION +CONTAINER-RUNTIME +RUNTIME\n\S+ +Ready +<none> +/,
    },
    { run: "get crds", once: true, out: /^NAME +CREATED AT\n(.*\n)*processes\.wctl\.dev +\d{4}-/ },
    { run: "wait --for=condition=Established crd/processes.wctl.dev", once: true, out: /condition met\n$/ },
    { run: "get namespace NS", out: /^NAME +STATUS +AGE\nNS +Active +\d+s\n$/ },
  ],
};
