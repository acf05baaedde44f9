import { all, configMap, idle } from "../manifests.ts";
import type { Group } from "../row.ts";

/** Parts of an object of wctl.dev. */
export const patching: Group = {
  title: "patch, label, annotate, scale",
  given: all(idle("p", "", "{app: old}"), configMap("quiet", "{k: v}")),
  rows: [
    {
      run: 'patch process p --type=merge -p {"spec":{"replicas":5}}',
      out: /^process\.wctl\.dev\/p patched\n$/,
      leaves: { "process/p": { spec: { replicas: 5 } } },
    },
    {
      // Nobody else writes it: kubectl compares all of what it read with all of the answer, status too.
      run: 'patch configmap quiet --type=merge -p {"data":{"k":"v"}}',
      out: /^configmap\/quiet patched \(no change\)\n$/,
      keeps: ["configmap/quiet"],
    },
    {
      run: 'patch process p --type=merge -p {"spec":{"replicas":9}} --dry-run=server -o jsonpath={.spec.replicas}',
      out: /^9$/,
      keeps: ["process/p"],
    },
    {
      run: 'patch process p --type=json -p [{"op":"replace","path":"/spec/replicas","value":6}]',
      out: /^process\.wctl\.dev\/p patched\n$/,
      leaves: { "process/p": { spec: { replicas: 6 } } },
    },
    {
      run: 'patch process p --type=json -p [{"op":"test","path":"/spec/replicas","value":9}]',
      code: 1,
      err: /^The request is invalid(: the server rejected our request due to an error in our request)?\n$/,
      keeps: ["process/p"],
    },
    {
      run: 'patch process p -p {"spec":{"replicas":7}}',
      code: 1,
      err: /^(Error from server \(UnsupportedMediaType\)|error: application\/strategic-merge-patch\+json is not supported by wctl\.dev\/v1, Kind=Process): the body of the request was in an unknown format - accepted media types include: application\/json-patch\+json, application\/merge-patch\+json/,
      keeps: ["process/p"],
    },
    {
      run: 'patch process p --type=merge -p {"spec":{"command":7}}',
      code: 1,
      err: /^The Process "p" is invalid: spec\.command: Invalid value: "integer": /,
      keeps: ["process/p"],
    },
    {
      run: 'patch process p --type=merge --subresource=status -p {"status":{"phase":"Odd"}}',
      since: 24,
      out: /^process\.wctl\.dev\/p patched\n$/,
    },
    { run: "get process p --subresource=scale -o jsonpath={.kind}/{.spec.replicas}", since: 24, out: /^Scale\/6$/ },
    {
      run: "get process p --subresource=scale",
      since: 24,
      once: true,
      out: /^NAME +DESIRED +AVAILABLE +AGE\np +6 +\d+ +\d+s\n$/,
    },
    {
      run: "label process p tier=back",
      out: /^process\.wctl\.dev\/p labeled\n$/,
      leaves: { "process/p": { metadata: { labels: { tier: "back" } } } },
    },
    {
      run: "label process p tier=front",
      code: 1,
      err: /^error: 'tier' already has a value \(back\), and --overwrite is false\n$/,
      keeps: ["process/p"],
    },
    {
      run: "label process p tier-",
      out: /^process\.wctl\.dev\/p (unlabeled|labeled)\n$/,
      leaves: { "process/p": { metadata: { labels: { tier: undefined } } } },
    },
    {
      run: "annotate process -l app=old why=because",
      out: /^process\.wctl\.dev\/p annotated\n$/,
      leaves: { "process/p": { metadata: { annotations: { why: "because" } } } },
    },
    {
      run: "scale process p --replicas=1",
      out: /^process\.wctl\.dev\/p scaled\n$/,
      leaves: { "process/p": { spec: { replicas: 1 } } },
    },
    {
      run: "scale process p --current-replicas=9 --replicas=2",
      code: 1,
      err: /^error: Expected replicas to be 9, was 1\n$/,
      keeps: ["process/p"],
    },
    {
      run: "scale process p --current-replicas=1 --replicas=2",
      out: /^process\.wctl\.dev\/p scaled\n$/,
      leaves: { "process/p": { spec: { replicas: 2 } } },
    },
  ],
};
