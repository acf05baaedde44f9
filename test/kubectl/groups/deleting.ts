import { all, configMap, idle, process } from "../manifests.ts";
import { type Group, gone, renewed } from "../row.ts";

/** What was there is no more. */
export const deleting: Group = {
  title: "delete",
  given: all(
    process("del-runs"),
    idle("del-many-a", "", "{app: many}"),
    idle("del-many-b", "", "{app: many}"),
    idle("del-file"),
    idle("del-stays"),
    process("del-renewed"),
    configMap("del-map", "{}"),
    configMap("del-raw", "{}"),
  ),
  rows: [
    { run: "wait --for=condition=Ready process/del-runs process/del-renewed", out: /met\n.*met\n$/ },
    {
      run: "delete process del-stays --dry-run=server",
      out: /^process\.wctl\.dev "del-stays" deleted.*\(server dry run\)\n$/,
      keeps: ["process/del-stays"],
    },
    {
      run: "delete process del-runs",
      out: /^process\.wctl\.dev "del-runs" deleted( from NS namespace)?\n$/,
      leaves: { "process/del-runs": gone, "instance/del-runs-0": gone },
    },
    {
      run: "delete instance del-renewed-0 --wait=false",
      out: /^instance\.wctl\.dev "del-renewed-0" deleted( from NS namespace)?\n$/,
      leaves: { "instance/del-renewed-0": renewed },
    },
    {
      run: "delete process -l app=many",
      out: /^process\.wctl\.dev "del-many-a" deleted.*\nprocess\.wctl\.dev "del-many-b" deleted.*\n$/,
      leaves: { "process/del-many-a": gone, "process/del-many-b": gone },
    },
    {
      run: "delete -f - --wait=false",
      stdin: idle("del-file"),
      out: /^process\.wctl\.dev "del-file" deleted/,
      leaves: { "process/del-file": gone },
    },
    {
      run: "delete configmap del-map --cascade=foreground",
      out: /^configmap "del-map" deleted/,
      leaves: { "configmap/del-map": gone },
    },
    {
      run: "delete --raw /api/v1/namespaces/NS/configmaps/del-raw",
      out: /"status":"Success"/,
      leaves: { "configmap/del-raw": gone },
    },
    {
      run: "delete process nosuch",
      code: 1,
      err: /^Error from server \(NotFound\): processes\.wctl\.dev "nosuch" not found\n$/,
    },
    { run: "delete process nosuch --ignore-not-found", out: /^$/ },
    {
      run: "delete processes --all",
      out: /^process\.wctl\.dev "del-renewed" deleted/m,
      leaves: { "process/del-renewed": gone, "process/del-stays": gone },
    },
  ],
};
