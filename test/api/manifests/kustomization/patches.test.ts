import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildFolder } from "../../../../api/manifests/kustomization/build.ts";
import { readYaml } from "../../../../api/yaml/read-yaml.ts";

const web = `apiVersion: wctl.dev/v1
kind: Process
metadata: {name: web, labels: {app: web, tier: front}}
spec:
  command: /bin/web
  args: [a, b]
  replicas: 1
  env:
    - {name: PORT, value: "80"}
    - {name: HOST, value: h}
`;
const api = `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: api, labels: {app: api}}\nspec: {command: /bin/api}\n`;

type Built = { metadata: Record<string, unknown>; spec: Record<string, unknown> };

async function build(patches: string, more: Record<string, string> = {}, folder = ""): Promise<Built[]> {
  const files = {
    "kustomization.yaml": `resources: [web.yaml, api.yaml]\npatches:\n${patches}`,
    "web.yaml": web,
    "api.yaml": api,
  };
  const all = new Map(Object.entries({ ...files, ...more }).map(([path, text]) => [path, Buffer.from(text)]));
  const built = await buildFolder({ files: all, readYaml: async (bytes, file) => readYaml(bytes, file) }, folder);
  return built.map(({ object }) => object as unknown as Built);
}

const inline = (patch: string, target = ""): string =>
  `- patch: |-\n${patch.replace(/^/gm, "    ")}\n${target && `  target: ${target}\n`}`;

const strategic = (spec: string): string => `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: web}\n${spec}`;

describe("patches", () => {
  it("merge maps, and lists by the key of their items; other lists are replaced, null removes", async () => {
    const patch = strategic(
      `spec:\n  replicas: 3\n  args: [c]\n  command: null\n  env:\n  - {name: HOST, value: other}\n  - {name: NEW, value: n}\n  - {name: PORT, $patch: delete}\n`,
    );
    const [first, second] = await build("- path: p.yaml\n", { "p.yaml": patch });
    assert.deepEqual(first?.spec, {
      args: ["c"],
      replicas: 3,
      env: [
        { name: "NEW", value: "n" },
        { name: "HOST", value: "other" },
      ],
    });
    assert.deepEqual(second?.spec, { command: "/bin/api" });
  });

  it("take Objects, maps and lists away or replace them", async () => {
    assert.deepEqual(
      (await build(inline(strategic("$patch: delete")))).map(({ metadata }) => metadata.name),
      ["api"],
    );
    const [replaced] = await build(inline(strategic("spec: {$patch: replace, command: /bin/new}")));
    assert.deepEqual(replaced?.spec, { command: "/bin/new" });
    const [list] = await build(inline(strategic("spec: {env: [{$patch: replace}, {name: ONLY, value: o}]}")));
    assert.deepEqual(list?.spec.env, [{ name: "ONLY", value: "o" }]);
  });

  it("go to what a target selects", async () => {
    const replicas = async (target: string): Promise<unknown[]> => {
      const built = await build(inline("kind: Process\nmetadata: {name: any}\nspec: {replicas: 7}", target));
      return built.flatMap(({ metadata, spec }) => (spec.replicas === 7 ? [metadata.name] : []));
    };
    assert.deepEqual(await replicas("{kind: Process}"), ["web", "api"]);
    assert.deepEqual(await replicas("{kind: Process, name: web}"), ["web"]);
    assert.deepEqual(await replicas("{name: w.*}"), ["web"]);
    assert.deepEqual(await replicas("{name: api|.*eb}"), ["web", "api"]);
    assert.deepEqual(await replicas("{group: wctl.dev, version: v1, labelSelector: 'app in (api), tier!=front'}"), [
      "api",
    ]);
    await assert.rejects(replicas("{name: we}"), /target: no Object fits the target/);
    await assert.rejects(replicas("{name: '(a+)+$'}"), /only \.\* and \| are understood/);
    await assert.rejects(replicas("{labelSelector: '=='}"), /labelSelector/);
    await assert.rejects(replicas("{annotationSelector: a}"), /annotationSelector: is not supported/);
  });

  it("are JSON patches too", async () => {
    const operations = `- {op: replace, path: /spec/replicas, value: 2}
- {op: add, path: /spec/args/-, value: c}
- {op: add, path: /spec/args/0, value: z}
- {op: remove, path: /spec/env/0}
- {op: test, path: /spec/env/0/name, value: HOST}
- {op: add, path: /metadata/annotations, value: {}}
- {op: add, path: /metadata/annotations/a~1b, value: x}`;
    const [first] = await build(inline(operations, "{name: web}"));
    assert.deepEqual(first?.spec, {
      command: "/bin/web",
      args: ["z", "a", "b", "c"],
      replicas: 2,
      env: [{ name: "HOST", value: "h" }],
    });
    assert.deepEqual(first?.metadata.annotations, { "a/b": "x" });
  });

  it("say what keeps them from being applied, and where they stand", async () => {
    const problems: [string, string, RegExp][] = [
      [
        "- {op: replace, path: /spec/x, value: 1}",
        "{name: web}",
        /^kustomization\.yaml:3:\d+: patches\[0\]: cannot be applied to Process web \(web\.yaml:1\): operation 1: replace \/spec\/x: there is nothing/,
      ],
      ["- {op: add, path: /spec/args/7, value: 1}", "{name: web}", /no place in that list/],
      ["- {op: add, path: /spec/a/b/c, value: 1}", "{name: web}", /there is nothing that has/],
      ["- {op: copy, from: /spec, path: /metadata/x}", "{name: web}", /copy is not supported/],
      ["- {op: test, path: /spec/replicas, value: 9}", "{name: web}", /another value is there/],
      ["- {op: add, path: /__proto__/x, value: 1}", "{name: web}", /not allowed/],
      ["- {op: replace, path: /metadata/name, value: other}", "{name: web}", /must not change apiVersion, kind, name/],
      ["- {op: replace, path: '', value: {}}", "{name: web}", /JSON pointer/],
      ["- {op: add, path: /spec/x}", "{name: web}", /value is missing/],
      ["- {op: add, path: /x, value: 1}", "", /a JSON patch must have a target/],
      [strategic("spec: {env: [{value: x}]}"), "", /spec\.env\[0\] must say its name/],
      [strategic("spec: {$setElementOrder/env: []}"), "", /is not supported/],
      [strategic("spec: {args: [{$patch: delete}]}"), "", /list without a key/],
      [strategic("$patch: explode"), "", /must be delete, replace or merge/],
      ["kind: Process", "", /without a target the patch must have/],
      [
        "apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: gone}",
        "",
        /no Object fits the patch of Process gone/,
      ],
      ["a: b\na: c", "{name: web}", /patches\[0\]\.patch: line 2 of the patch: duplicate key/],
      ["just words", "{name: web}", /a patch is a map/],
    ];
    for (const [patch, target, problem] of problems)
      await assert.rejects(build(inline(patch, target)), { message: problem }, patch);
    await assert.rejects(build("- {path: gone.yaml}"), /gone\.yaml is not in the repository/);
    await assert.rejects(build("- {target: {name: web}}"), /either path or patch/);
    await assert.rejects(
      build("- {path: p.yaml, options: {allowNameChange: true}}", { "p.yaml": "" }),
      /options: is not supported/,
    );
  });

  it("of an overlay name what the base declares, by its namespace there or none", async () => {
    const overlay = (patch: string): Record<string, string> => ({
      "base/kustomization.yaml": "resources: [web.yaml]\nnamespace: base\n",
      "base/web.yaml": web,
      "host/kustomization.yaml": `resources: [../base]\nnamespace: host\npatches:\n${inline(patch)}`,
    });
    for (const namespace of ["", ", namespace: base"]) {
      const patch = `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: web${namespace}}\nspec: {replicas: 4}`;
      const [built] = await build("", overlay(patch), "host");
      assert.deepEqual([built?.metadata.namespace, built?.spec.replicas], ["host", 4]);
    }
    const two = {
      "kustomization.yaml": `resources: [a, b]\npatches:\n${inline(strategic("spec: {replicas: 2}"))}`,
      "a/kustomization.yaml": "resources: [web.yaml]\nnamespace: a\n",
      "a/web.yaml": web,
      "b/kustomization.yaml": "resources: [web.yaml]\nnamespace: b\n",
      "b/web.yaml": web,
    };
    await assert.rejects(build("", two), /2 Objects fit the patch of Process web: say its namespace/);
  });
});
