import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { Opener } from "../../../api/sealing/opener.ts";
import type { Variables } from "../../../api/variables/expand.ts";
import { readYaml } from "../../../api/yaml/read-yaml.ts";
import { builtManifests, manifestsOf } from "../../../controllers/git-source/manifests-of.ts";

const yaml = {
  readYaml: async (source: Uint8Array, file: string, variables?: Variables) =>
    readYaml(source, file, variables && { variables }),
};
const placement = { path: ".", namespace: "default", targetNamespace: undefined };

function read(texts: Record<string, string | Uint8Array>, variables?: Variables, by?: Opener) {
  const files = Object.entries(texts).map(([path, text]) => ({ path, oid: path, bytes: Buffer.from(text as string) }));
  const inputs = { opener: by && (async () => by), variables, version: "1" };
  return texts["kustomization.yaml"] === undefined
    ? manifestsOf(files, placement, inputs, yaml)
    : builtManifests(files, "c0", placement, inputs, yaml);
}

const problemsOf = async (...of: Parameters<typeof read>): Promise<string[]> =>
  (await read(...of)).flatMap(({ problem }) => problem ?? []);

const many = (text: string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: 14 }, (_, n) => [`m${n}.yaml`, text.replace("NAME", `m${n}`)]));

describe("the manifests of a revision", () => {
  const grown = /aliases and variables put more than 33554432 characters into this revision: write them out$/;
  const head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\ndata:\n";
  const aliases = `${head}  a: &a ${"x".repeat(5000)}\n${Array.from({ length: 500 }, (_, n) => `  b${n}: *a\n`).join("")}`;
  const variables: Variables = new Map([["X", { value: "x".repeat(2_500_000), isSecret: false }]]);

  it("are as large as they are written, but for a bounded part, however many files there are", async () => {
    assert.match((await problemsOf(many(aliases)))[0] ?? "", grown);
    assert.match((await problemsOf(many(`${head}  a: "a$\{X}"\n`), variables))[0] ?? "", grown);
    const kustomization = `resources: [${Object.keys(many("")).join(", ")}]`;
    assert.match((await problemsOf({ "kustomization.yaml": kustomization, ...many(aliases) }))[0] ?? "", grown);
    const { "m0.yaml": one = "" } = many(aliases);
    assert.deepEqual(await problemsOf({ "m0.yaml": one }), []);
  });

  const secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: a}\n";

  it("that are built take no default in place of a variable from a Secret, and say so", async () => {
    const kustomization = "resources: [s.yaml]";
    const withDefault = secret.replace("password: a", `password: "\${PASSWORD:-changeme}"`);
    const variables: Variables = new Map([["PASSWORD", { value: "t0p", isSecret: true }]]);
    assert.deepEqual(await problemsOf({ "kustomization.yaml": kustomization, "s.yaml": withDefault }, variables), [
      "s.yaml:4:24: the variable PASSWORD comes from a Secret, which is not for what is built",
    ]);
  });

  it("that are built have their inline patches read before variables are put in, and each once", async () => {
    const kustomization = `resources: [m.yaml]
patches:
- patch: |
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: m}
    data:
      a: \${A}
      b: $\${A}
`;
    const map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n";
    const texts = { "kustomization.yaml": kustomization, "m.yaml": map };
    const evil = `x\nimmutable: true\nz: "\${A}"`;
    const [file] = await read(texts, new Map([["A", { value: evil, isSecret: false }]]));
    assert.equal(file?.problem, undefined);
    const { data, immutable } = { immutable: undefined, ...(file?.manifests[0]?.object as { data?: unknown }) };
    assert.deepEqual([data, immutable], [{ a: evil, b: `\${A}` }, undefined]);
    assert.match((await problemsOf(texts, new Map()))[0] ?? "", /^kustomization.yaml:3:\d+: the variable A is not/);
  });

  it("that are built come of no file that is sealed whole", async () => {
    const texts = { "kustomization.yaml": "resources: [s.yaml.age]", "s.yaml.age": "age-encryption.org/v1\n" };
    assert.deepEqual(await problemsOf(texts), [
      "kustomization.yaml:1:13: resources[0]: s.yaml.age is sealed whole, which is not for what is built: seal the values of its Secrets instead",
    ]);
  });

  it("that are generated have what age has sealed opened, as bytes", async () => {
    const identity = await generateX25519Identity();
    const encrypter = new Encrypter();
    encrypter.addRecipient(await identityToRecipient(identity));
    const kustomization = "secretGenerator: [{name: s, files: [tls.key.age]}]";
    const key = await encrypter.encrypt(Uint8Array.of(0xff, 0, 0xfe));
    const texts = { "kustomization.yaml": kustomization, "tls.key.age": key };
    const [file] = await read(texts, undefined, await Opener.with([identity]));
    const { data } = { data: file?.problem, ...(file?.manifests[0]?.object as { data?: unknown }) };
    assert.deepEqual(data, { "tls.key.age": "/wD+" });
  });

  it("are read one after the other, so that other sources have their turn", async () => {
    let [reading, most] = [0, 0];
    const slow = {
      async readYaml(source: Uint8Array, file: string) {
        most = Math.max(most, ++reading);
        await setImmediate();
        reading--;
        return readYaml(source, file);
      },
    };
    const files = ["a", "b", "c"].map((path) => ({ path, oid: path, bytes: Buffer.from(secret) }));
    const inputs = { opener: undefined, variables: undefined, version: "1" };
    const all = await manifestsOf(files, placement, inputs, slow);
    assert.deepEqual(
      all.map(({ path, manifests }) => [path, manifests.length]),
      [
        ["a", 1],
        ["b", 1],
        ["c", 1],
      ],
    );
    assert.equal(most, 1);
  });
});
