/** What the real kustomize, which kubectl brings along, makes of a tree of folders is what is built here. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { buildFolder } from "../../api/manifests/kustomization/build.ts";
import { parseManifests } from "../../api/manifests/parse-manifests.ts";
import type { KubeObject } from "../../api/object.ts";
import { readYaml } from "../../api/yaml/read-yaml.ts";
import { bringAll } from "../../scripts/kubectl/debian.ts";
import { Program } from "./program.ts";

const files = {
  "base/kustomization.yaml": `
resources: [all.yaml]
namespace: base
configMapGenerator:
- name: app
  literals: [A=1=2, 'B="quoted"', "C='x", D=]
  files: [other=a.conf, logo.bin]
  envs: [app.env]
  options: {labels: {x: why}, annotations: {p: q}}
- {name: replaced, literals: [A=1, B=2]}
- {name: gone, literals: [A=1]}
secretGenerator:
- {name: s, literals: [t=tok], files: [a.conf]}
generatorOptions: {disableNameSuffixHash: true, labels: {g: h}}
labels: [{pairs: {team: ops, tier: own}}, {pairs: {team: other}}]
commonAnnotations: {note: m}
`,
  "base/a.conf": "x = 1\n",
  "base/logo.bin": Uint8Array.of(0xff, 0xfe, 0),
  "base/app.env": '# note\nE=5\n\n  F="6" \n',
  "base/all.yaml": `
apiVersion: v1
kind: Namespace
metadata: {name: orig}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot, namespace: orig}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: c}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: rb, namespace: orig}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: c}
subjects:
- {kind: ServiceAccount, name: robot, namespace: orig}
- {kind: ServiceAccount, name: default, namespace: orig}
- {kind: ServiceAccount, name: other, namespace: orig}
---
apiVersion: wctl.dev/v1
kind: Process
metadata: {name: web, labels: {app: web}}
spec: {command: /bin/web, args: [a, b], stop: {gracePeriodSeconds: 5}}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: listed}, data: {a: b, c: d}}
`,
  "host/kustomization.yaml": `
resources: [../base]
namespace: host
configMapGenerator:
- {name: app, behavior: merge, literals: [A=3]}
- {name: replaced, behavior: replace, literals: [A=3], options: {labels: {z: last}}}
secretGenerator: [{name: s, behavior: merge, literals: [u=v]}]
generatorOptions: {disableNameSuffixHash: true}
patches:
- path: web.yaml
- target: {name: w.*|none, labelSelector: app in (web)}
  patch: |-
    - {op: add, path: /spec/args/0, value: z}
    - {op: add, path: /spec/env, value: [{name: A, value: a}]}
    - {op: replace, path: /spec/env/0/value, value: b}
    - {op: add, path: /metadata/annotations/a~1b, value: x}
- target: {version: v1, kind: ConfigMap, name: listed}
  patch: |-
    kind: ConfigMap
    metadata: {name: any}
    data: {a: null, e: f}
- patch: |-
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: gone}
    $patch: delete
`,
  "host/web.yaml": `
apiVersion: wctl.dev/v1
kind: Process
metadata: {name: web}
spec: {replicas: 4, args: [c], command: null, stop: {$patch: replace, preStop: {exec: {command: [x]}}}}
`,
};

const byName = (objects: readonly KubeObject[]): [string, KubeObject][] =>
  objects.map((object): [string, KubeObject] => [`${object.kind} ${object.metadata.name}`, object]).sort();

const kubectl = (await bringAll()).findLast((one) => "path" in one);

describe("kustomize", () => {
  const folder = mkdtempSync(join(tmpdir(), "wctl-kustomize-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("of kubectl builds the same", { skip: kubectl ? false : "there is no kubectl" }, async () => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    const { code, stdout, stderr } = await new Program(kubectl?.path ?? "", folder, {}).start(
      ["kustomize", "host"],
      "",
      {},
    ).ended;
    assert.equal(code, 0, stderr);
    const ours = await buildFolder(
      {
        files: new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content as string)])),
        readYaml: async (bytes, file) => readYaml(bytes, file),
      },
      "host",
    );
    const theirs = parseManifests(stdout, "kustomize").map(({ object }) => object);
    assert.deepEqual(Object.fromEntries(byName(ours.map(({ object }) => object))), Object.fromEntries(byName(theirs)));
    assert.equal(theirs.length, 9);
  });
});
