import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildFolder } from "../../../../api/manifests/kustomization/build.ts";
import { readYaml } from "../../../../api/yaml/read-yaml.ts";

async function build(files: Record<string, string | Uint8Array>, folder = ""): Promise<Record<string, unknown>[]> {
  const all = new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content as string)]));
  const built = await buildFolder({ files: all, readYaml: async (bytes, file) => readYaml(bytes, file) }, folder);
  return built.map(({ object }) => object as unknown as Record<string, unknown>);
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("generators", () => {
  it("make ConfigMaps of literals, files and variables, without a hash in the name", async () => {
    const built = await build(
      {
        "h/kustomization.yaml": `configMapGenerator:
- name: app
  literals: [A=1=2, 'B="quoted"', "C='x", D=]
  files: [conf/app.conf, other=conf/app.conf, logo.bin]
  envs: [app.env]
`,
        "h/conf/app.conf": "x = 1\n",
        "h/logo.bin": Uint8Array.of(0xff, 0xfe, 0),
        "h/app.env": '\ufeff# note\nE=5\r\n\n  F="6" \n',
      },
      "h",
    );
    assert.deepEqual(built, [
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "app" },
        data: { E: "5", F: '"6" ', "app.conf": "x = 1\n", other: "x = 1\n", A: "1=2", B: "quoted", C: "'x", D: "" },
        binaryData: { "logo.bin": "//4A" },
      },
    ]);
  });

  it("make Secrets, and leave what is sealed to be opened later", async () => {
    const sealed = "-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n";
    const raw = Buffer.concat([Buffer.from("age-encryption.org/v1\n"), Buffer.alloc(60, 0xff)]).toString("base64");
    const [secret] = await build({
      "kustomization.yaml": `generatorOptions: {labels: {a: b}, disableNameSuffixHash: true}
secretGenerator:
- {name: s, namespace: n, type: Opaque, literals: [token=t], files: [key.age, raw.age], options: {labels: {c: d}, annotations: {e: f}}}
`,
      "key.age": sealed,
      "raw.age": Buffer.from(raw, "base64"),
    });
    assert.deepEqual(secret, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s", namespace: "n", labels: { a: "b", c: "d" }, annotations: { e: "f" } },
      type: "Opaque",
      data: {
        token: base64("t"),
        "key.age": sealed,
        "raw.age": sealed.replace("YWdl", `${raw.slice(0, 64)}\n${raw.slice(64)}`),
      },
    });
  });

  it("make no ConfigMap of what is sealed", async () => {
    for (const sealed of ["age-encryption.org/v1\n...", "-----BEGIN AGE ENCRYPTED FILE-----\n"]) {
      const files = { "kustomization.yaml": "configMapGenerator: [{name: m, files: [k.age]}]", "k.age": sealed };
      await assert.rejects(
        build(files),
        /kustomization.yaml:1:22: configMapGenerator\[0\]: it has something that is sealed/,
      );
    }
  });

  it("merge into, or replace, the one of a base", async () => {
    const files = (behavior: string) => ({
      "base/kustomization.yaml": "namespace: base\nconfigMapGenerator: [{name: app, literals: [A=1, B=2]}]",
      "host/kustomization.yaml": `resources: [../base]\nconfigMapGenerator: [{name: app, behavior: ${behavior}, literals: [B=3]}]`,
    });
    assert.deepEqual((await build(files("merge"), "host"))[0]?.data, { A: "1", B: "3" });
    const [replaced] = await build(files("replace"), "host");
    assert.deepEqual([replaced?.data, replaced?.metadata], [{ B: "3" }, { name: "app", namespace: "base" }]);
    await assert.rejects(
      build({ "kustomization.yaml": "configMapGenerator: [{name: x, behavior: merge}]" }),
      /there is no ConfigMap of that name to merge/,
    );
  });

  it("say what is wrong with an entry, and never its value", async () => {
    const problems: [string, RegExp][] = [
      ["{literals: [A=1]}", /configMapGenerator\[0\]: a generator must have a name/],
      ["{name: x, literals: [hunter2]}", /literals\[0\]: must be KEY=VALUE/],
      ["{name: x, literals: ['a b=hunter2']}", /its key must be/],
      ["{name: x, literals: [__proto__=hunter2]}", /its key must be/],
      ["{name: x, literals: [A=hunter2, A=3]}", /literals\[1\]: there are two values of the key A/],
      ["{name: x, files: [../../x]}", /files\[0\]: leads out of the repository/],
      ["{name: x, files: [gone]}", /gone is not in the repository/],
      ["{name: x, envs: [bad.env]}", /envs\[0\]: line 2 of the file must be KEY=VALUE/],
      ["{name: x, envs: [long.env]}", /envs\[0\]: the file has more than 10000 lines/],
      ["{name: x, envs: [full.env], literals: [A=hunter2]}", /literals\[0\]: there are more than 10000 values/],
      ["{name: x, env: bad.env}", /env: is not supported: use envs/],
      ["{name: x, type: Opaque}", /unknown field/],
      ["{name: x, behavior: update}", /must be create, merge or replace/],
      ["{name: x, options: {disableNameSuffixHash: false}}", /names have no hash here/],
      ["{name: x, options: {immutable: true}}", /immutable: is not supported/],
    ];
    for (const [entry, problem] of problems) {
      const files = {
        "kustomization.yaml": `configMapGenerator:\n- ${entry}\n`,
        "bad.env": "A=1\nhunter2\n",
        "long.env": "\n".repeat(10_000),
        "full.env": Array.from({ length: 10_000 }, (_, n) => `k${n}=`).join("\n"),
      };
      await assert.rejects(
        build(files),
        (error: Error) => problem.test(error.message) && !error.message.includes("hunter2"),
        entry,
      );
    }
  });
});
