import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManifestError } from "../../../../api/manifest-error.ts";
import { buildFolder } from "../../../../api/manifests/kustomization/build.ts";
import type { BuildInput } from "../../../../api/manifests/kustomization/repository.ts";
import type { Manifest } from "../../../../api/manifests/manifest.ts";
import { readYaml } from "../../../../api/yaml/read-yaml.ts";

type Files = Record<string, string | Uint8Array>;

const inputOf = (files: Files): BuildInput => ({
  files: new Map(
    Object.entries(files).map(([path, text]) => [path, typeof text === "string" ? Buffer.from(text) : text]),
  ),
  readYaml: async (bytes, file) => readYaml(bytes, file),
});

const build = (files: Files, folder = ""): Promise<Manifest[]> => buildFolder(inputOf(files), folder);

interface Bound {
  metadata: unknown;
  subjects?: { namespace?: string }[];
}

const objects = async (files: Files, folder = ""): Promise<unknown[]> =>
  (await build(files, folder)).map(({ object }) => object);

const refusal = async (files: Files, folder = ""): Promise<string> => {
  try {
    await build(files, folder);
  } catch (error) {
    assert.ok(error instanceof ManifestError, String(error));
    return error.message;
  }
  throw new Error("it was built");
};

const process = (name: string, more = ""): string =>
  `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: ${name}}\nspec:\n  command: /bin/${name}\n${more}`;

const named = (manifests: readonly Manifest[]): string[] =>
  manifests.map(({ object, file, line }) => `${object.kind} ${object.metadata.name} ${file}:${line}`);

describe("buildFolder", () => {
  it("reads a folder without a kustomization file as it is, and builds those in it that have one", async () => {
    const files = {
      "apps/web.yaml": process("web"),
      "apps/deep/api.yml": `---\n---\n${process("api")}`,
      "apps/README.md": "# no manifest",
      "apps/k/kustomization.yaml": "resources: [x.yaml]",
      "apps/k/x.yaml": process("x"),
      "apps/k/unused.yaml": "not: a manifest",
      "other/y.yaml": process("y"),
    };
    assert.deepEqual(named(await build(files, "apps")), [
      "Process api apps/deep/api.yml:3",
      "Process x apps/k/x.yaml:1",
      "Process web apps/web.yaml:1",
    ]);
  });

  it("builds files and folders in order, and knows where each Object was written", async () => {
    const files = {
      "hosts/a/kustomization.yaml":
        "resources: [../../base, own.yaml]\nconfigMapGenerator:\n- name: c\n  literals: [A=1]\n",
      "hosts/a/own.yaml": `# a comment\n${process("own")}`,
      "base/kustomization.yml": "kind: Kustomization\nresources: [./web.yaml]\n",
      "base/web.yaml": process("web"),
    };
    const built = await build(files, "hosts/a");
    assert.deepEqual(named(built), [
      "Process web base/web.yaml:1",
      "Process own hosts/a/own.yaml:2",
      "ConfigMap c hosts/a/kustomization.yaml:3",
    ]);
    assert.deepEqual(built[0]?.lineOf("spec.command"), { line: 5, column: 3 });
  });

  it("refuses what it would have to pass over, by name", async () => {
    const reasons = new Map([
      [
        "",
        /^kustomization\.yaml:1:1: a kustomization must say something: write resources: \[\] where nothing is meant$/,
      ],
      ["# resources:\n", /a kustomization must say something/],
      ["kind: Kustomization\nresources:\n", /a kustomization must say something/],
      ["images: [{name: a}]", /kustomization\.yaml:1:1: images: is not supported: there are no images/],
      ["namePrefix: a-", /namePrefix: is not supported/],
      ["bases: [x]", /bases: is not supported: list these folders in resources/],
      ["commonLabels: {a: b}", /use labels/],
      ["components: [x]", /components: is not supported/],
      ["helmCharts: []", /helmCharts: is not supported/],
      ["resource: [x]", /resource: unknown field \(did you mean "resources"\?\)/],
      ["kind: Component", /kind: must be Kustomization/],
      ["apiVersion: v1", /apiVersion: must be kustomize/],
      ["resources: x", /resources: must be a list/],
      ["resources: [1]", /resources\[0\]: must be a string/],
      ["[1]", /a kustomization is a map/],
      ["labels: [{pairs: {a: b}, includeSelectors: true}]", /labels\[0\]\.includeSelectors: must be false/],
      ["labels: [{pairs: {a: 1}}]", /labels\[0\]\.pairs\.a: must be a string/],
      ["a: b\n---\nc: d", /one document/],
    ]);
    for (const [text, reason] of reasons) assert.match(await refusal({ "kustomization.yaml": text }), reason, text);
  });

  it("stays in the repository, and fetches nothing", async () => {
    for (const entry of ["../x.yaml", "../../etc", "/etc/passwd", "C:\\x.yaml", "a\\b.yaml", "a/../../../x"]) {
      assert.match(
        await refusal({ "host/kustomization.yaml": `resources: ['../${entry}']`, "x.yaml": process("x") }, "host"),
        /resources\[0\]: (leads out|must be a relative|.* is not in the repository)/,
        entry,
      );
    }
    for (const entry of [
      "https://example.com/x.yaml",
      "github.com/a/b?ref=main",
      "git@example.com:a/b",
      "file:///x",
      "ssh://x",
    ]) {
      assert.match(await refusal({ "kustomization.yaml": `resources: ['${entry}']` }), /nothing is fetched/, entry);
    }
  });

  it("refuses cycles, what is missing, what is declared twice, and two files of one meaning", async () => {
    const cycle = { "a/kustomization.yaml": "resources: [../b]", "b/kustomization.yaml": "\nresources: [../a]" };
    assert.match(await refusal(cycle, "a"), /^b\/kustomization\.yaml:2:13: resources\[0\]: is a cycle: a -> b -> a$/);
    assert.match(await refusal({ "kustomization.yaml": "resources: [.]" }), /is a cycle/);
    assert.match(
      await refusal({ "kustomization.yaml": "resources: [gone.yaml]" }),
      /gone\.yaml is not in the repository/,
    );
    assert.match(
      await refusal({ "kustomization.yaml": "resources: [x]", "x/y.yaml": process("y") }),
      /x has no kustomization\.yaml/,
    );
    assert.match(
      await refusal({
        "kustomization.yaml": "resources: [x.yaml, y.yaml]",
        "x.yaml": process("x"),
        "y.yaml": process("x"),
      }),
      /^y\.yaml:1:1: Process x is declared in x\.yaml:1 too/,
    );
    assert.match(await refusal({ "kustomization.yaml": "", "kustomization.yml": "" }), /remove one of the two/);
    assert.match(await refusal({ "kustomization.yaml": "resources: [kustomization.yaml]" }), /name its folder/);
  });

  it("is bounded whatever small files ask for", async () => {
    const doubling: Files = { "f0/kustomization.yaml": "resources: []" };
    for (let n = 1; n < 30; n++) doubling[`f${n}/kustomization.yaml`] = `resources: [../f${n - 1}, ../f${n - 1}/.]`;
    assert.match(await refusal(doubling, "f29"), /more than 500 folders/);

    const deep: Files = { "f0/kustomization.yaml": "" };
    for (let n = 1; n < 50; n++) deep[`f${n}/kustomization.yaml`] = `resources: [../f${n - 1}]`;
    assert.match(await refusal(deep, "f49"), /more than 32 folders deep/);

    const again = {
      "kustomization.yaml": `resources: [${"x.yaml,".repeat(100)}]`,
      "x.yaml": new Uint8Array(1_000_000),
    };
    const input = inputOf(again);
    const readYaml: BuildInput["readYaml"] = async (bytes, file) =>
      file === "x.yaml" ? [] : input.readYaml(bytes, file);
    await assert.rejects(buildFolder({ ...input, readYaml }, ""), /more than 67108864 bytes of YAML/);

    const generators = Array.from({ length: 50 }, (_, n) => `- {name: c${n}, files: [big]}`).join("\n");
    const grown = { "kustomization.yaml": `configMapGenerator:\n${generators}`, big: "x".repeat(1_000_000) };
    assert.match(await refusal(grown), /more than 33554432 characters/);

    const many = Array.from({ length: 2000 }, (_, n) => process(`p${n}`)).join("---\n");
    const patches = "- {path: p.yaml, target: {name: p1}}\n".repeat(3000);
    const compared = {
      "kustomization.yaml": `resources: [m.yaml]\npatches:\n${patches}`,
      "m.yaml": many,
      "p.yaml": "{}",
    };
    assert.match(await refusal(compared), /too many patches/);

    const labelled = {
      "kustomization.yaml": `resources: [m.yaml]\ncommonAnnotations: {a: ${"x".repeat(20_000)}}`,
      "m.yaml": many,
    };
    assert.match(await refusal(labelled), /more than 33554432 characters/);
  });

  it("bounds what small changes of large maps and lists copy", async () => {
    const wide = (count: number): string => `{${Array.from({ length: count }, (_, n) => `k${n}: a`).join(", ")}}`;
    const list = `[${Array.from({ length: 2000 }, (_, n) => n).join(",")}]`;
    const operations = Array.from({ length: 1000 }, () => "{op: add, path: /data/list/0, value: 1}").join(",");
    const item = (n: number): string =>
      `- {apiVersion: v1, kind: ConfigMap, metadata: {name: c${n}, labels: ${n === 0 ? `&labels ${wide(200)}` : "*labels"}}`;
    const items = Array.from({ length: 100 }, (_, n) => `${item(n)}${n === 0 ? `, data: ${wide(2000)}` : ""}}\n`);
    const files = {
      "m.yaml": `apiVersion: v1\nkind: List\nitems:\n${items.join("")}`,
      "l.yaml": `apiVersion: v1\nkind: Odd\nmetadata: {name: l}\ndata: {list: ${list}}\n`,
      "p.yaml": `[${operations}]`,
    };
    const merged = "- {target: {kind: ConfigMap}, patch: '{metadata: {labels: {a: b}}}'}\n".repeat(110);
    for (const [fields, place] of [
      ["patches:\n- {target: {kind: Odd}, path: p.yaml}\n", "patches[0]"],
      [`patches:\n${merged}`, /patches\[\d+\]/.source],
      [`labels:\n${"- {pairs: {a: b}}\n".repeat(110)}`, /labels\[\d+\]/.source],
      [`configMapGenerator:\n${"- {name: c0, behavior: merge, literals: [a=b]}\n".repeat(1000)}`, ""],
    ] as const) {
      const said = await refusal({ ...files, "kustomization.yaml": `resources: [m.yaml, l.yaml]\n${fields}` });
      assert.match(
        said,
        new RegExp(`^kustomization\\.yaml:.*${place.replace("[0]", "\\[0\\]")}.*too many changes of maps`),
      );
    }
    const moved = Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => [
        `f${n}/kustomization.yaml`,
        `resources: [${n === 0 ? "../t.yaml" : `../f${n - 1}`}]\nnamespace: n${n}\n`,
      ]),
    );
    const bound = (n: number): string =>
      `- {apiVersion: v1, kind: RoleBinding, metadata: {name: b${n}}, subjects: ${n === 0 ? `&all ${list}` : "*all"}}\n`;
    const top = `apiVersion: v1\nkind: List\nitems:\n${Array.from({ length: 40 }, (_, n) => bound(n)).join("")}`;
    assert.match(await refusal({ ...moved, "t.yaml": top }, "f29"), /too many changes of maps/);
  });

  it("counts what a target of many words costs, and every earlier name", async () => {
    const names = Array.from({ length: 1000 }, (_, n) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${n}}\n`);
    const target = `{kind: Config.*|Secret, name: "c.*|${"a|".repeat(500)}b"}`;
    const compared = {
      "kustomization.yaml": `resources: [m.yaml]\npatches:\n${`- {target: ${target}, patch: '{data: {a: b}}'}\n`.repeat(100)}`,
      "m.yaml": names.join("---\n"),
    };
    assert.match(await refusal(compared), /too many patches/);
  });

  it("sets labels and annotations of every Object, and of nothing else", async () => {
    const [built] = await objects({
      "kustomization.yaml":
        "resources: [x.yaml]\nlabels:\n- pairs: {team: ops, tier: a}\n- {pairs: {tier: b}}\ncommonAnnotations: {note: n}\n",
      "x.yaml": `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: x, labels: {team: web, own: "1"}}\nspec: {command: /bin/x}\n`,
    });
    assert.deepEqual(built, {
      apiVersion: "wctl.dev/v1",
      kind: "Process",
      metadata: { name: "x", labels: { team: "ops", own: "1", tier: "b" }, annotations: { note: "n" } },
      spec: { command: "/bin/x" },
    });
  });

  it("sets the namespace of what has one, the name of a Namespace, and of the accounts that move along", async () => {
    const binding = `apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: rb}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\nsubjects:\n- {kind: ServiceAccount, name: robot, namespace: base}\n- {kind: ServiceAccount, name: default, namespace: base}\n- {kind: ServiceAccount, name: other, namespace: base}\n- {kind: User, name: robot}\n`;
    const files = {
      "kustomization.yaml": "resources: [x.yaml]\nnamespace: web\n",
      "x.yaml": [
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: base}\n",
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: robot, namespace: base}\n",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: c}\n",
        binding,
      ].join("---\n"),
    };
    const [namespace, account, role, bound] = (await objects(files)) as Bound[];
    assert.deepEqual(
      [namespace, account, role, bound].map((object) => object?.metadata),
      [{ name: "web" }, { name: "robot", namespace: "web" }, { name: "c" }, { name: "rb", namespace: "web" }],
    );
    assert.deepEqual(
      bound?.subjects?.map((subject) => subject.namespace),
      ["web", "web", "base", undefined],
    );
  });

  it("puts nothing into what is no map, where each character would become a field", async () => {
    const map = (labels: string, data: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, labels: ${labels}}\ndata: ${data}\n`;
    const labels = "resources: [m.yaml]\nlabels: [{pairs: {a: b}}]";
    for (const wrong of ["abc", "[a]"]) {
      const files = { "kustomization.yaml": labels, "m.yaml": map(wrong, "{}") };
      assert.equal(await refusal(files), "m.yaml:3:21: metadata.labels must be a map");
    }
    const generator = "resources: [m.yaml]\nconfigMapGenerator: [{name: m, behavior: merge, literals: [a=b]}]";
    assert.equal(
      await refusal({ "kustomization.yaml": generator, "m.yaml": map("{}", "abc") }),
      "m.yaml:4:1: data must be a map",
    );
  });
});
