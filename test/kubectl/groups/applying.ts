import { configMap, idle } from "../manifests.ts";
import type { Group } from "../row.ts";

const applied = /^process\.wctl\.dev\/ssa serverside-applied\n$/;

/** Server-side apply: what each manager owns, and when they disagree. */
export const applying: Group = {
  title: "apply --server-side",
  given: idle("ssa-patched"),
  rows: [
    {
      run: "apply --server-side -f -",
      stdin: idle("ssa", "replicas: 1"),
      out: applied,
      leaves: { "process/ssa": { spec: { replicas: 1 } } },
    },
    {
      run: "apply --server-side -f -",
      stdin: idle("ssa", "replicas: 1"),
      out: applied,
      keeps: ["process/ssa"],
    },
    {
      run: "apply --server-side --field-manager=other -f -",
      stdin: idle("ssa", "replicas: 2"),
      code: 1,
      err: /Apply failed with 1 conflict: conflict with "kubectl"( using wctl\.dev\/v1)?: \.spec\.replicas\n/,
      keeps: ["process/ssa"],
    },
    {
      run: "apply --server-side --field-manager=other --force-conflicts -f -",
      stdin: idle("ssa", "replicas: 2"),
      out: applied,
      leaves: { "process/ssa": { spec: { replicas: 2 } } },
    },
    {
      run: "apply --server-side --dry-run=server -f -",
      stdin: idle("ssa"),
      out: /^process\.wctl\.dev\/ssa serverside-applied \(server dry run\)\n$/,
      keeps: ["process/ssa"],
    },
    {
      run: "apply --server-side -f -",
      stdin: idle("ssa", "", "{team: a}"),
      out: applied,
      leaves: { "process/ssa": { spec: { replicas: 2 }, metadata: { labels: { team: "a" } } } },
    },
    {
      run: "apply --server-side -f -",
      stdin: idle("ssa"),
      out: applied,
      leaves: { "process/ssa": { metadata: { labels: undefined } } },
    },
    {
      run: "get process ssa -o yaml --show-managed-fields",
      since: 21,
      out: /^ {2}managedFields:\n[\s\S]*^ {4}manager: other\n {4}operation: Apply\n/m,
    },
    { run: "get process ssa -o yaml", since: 21, out: /^apiVersion: (?![\s\S]*managedFields)/ },
    {
      run: "diff --server-side -f -",
      stdin: idle("ssa", "", "{team: b}"),
      code: 1,
      out: /^\+ +team: b$/m,
      keeps: ["process/ssa"],
      err: /^(exit status 1\n)?$/,
    },
    {
      run: "apply -f -",
      stdin: configMap("ssa-moved", "{k: v}"),
      out: /^configmap\/ssa-moved created\n$/,
      leaves: { "configmap/ssa-moved": { data: { k: "v" } } },
    },
    {
      run: "apply --server-side -f -",
      stdin: configMap("ssa-moved", "{l: w}"),
      since: 26,
      out: /^configmap\/ssa-moved serverside-applied\n$/,
      leaves: { "configmap/ssa-moved": { data: { k: undefined, l: "w" } } },
    },
  ],
};
