import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { ManifestError } from "../../../api/manifest-error.ts";
import type { Manifest } from "../../../api/manifests/manifest.ts";
import { parseManifests } from "../../../api/manifests/parse-manifests.ts";
import { mustBeSecrets, openFile, openManifests, withoutItsWords } from "../../../api/sealing/open-manifests.ts";
import { Opener } from "../../../api/sealing/opener.ts";
import { generateIdentity, type Seal, sealFor } from "../../../api/sealing/seal.ts";
import { sealFile, sealManifests } from "../../../api/sealing/seal-manifests.ts";

const secret = `# who: the web team
apiVersion: v1
kind: Secret
metadata:
  name: web # its name
type: Opaque
stringData:
  # for the database
  password: "hunter2: \${X}" # rotate
  pem: |
    line
  empty: ""
data:
  raw: /wD+
`;
const config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: 'b'}\n";

let seal: Seal;
let opener: Opener;
before(async () => {
  const { identity, recipient } = await generateIdentity(false);
  seal = await sealFor([recipient]);
  opener = await Opener.with([identity]);
});

const sealed = async (text: string) => sealManifests(Buffer.from(text), "s.yaml", seal);
const open = async (text: string, by: Opener | undefined = opener): Promise<Manifest[]> =>
  openManifests(parseManifests(text, "s.yaml"), by);
const objects = (manifests: readonly Manifest[]): unknown => manifests.map(({ object }) => object);

const refused = (work: Promise<unknown>, message: RegExp): Promise<void> =>
  assert.rejects(work, (error: Error) => error instanceof ManifestError && message.test(error.message));

const indented = (text: string, by = "    "): string => text.trimEnd().replaceAll(/^/gm, by);

describe("sealed manifests", () => {
  it("open to what was sealed; comments, order and other documents stay", async () => {
    const whole = `${secret}---\n# second\n${config}---\n---\n${secret.replace("name: web", "name: b")}`;
    const result = await sealed(whole);
    assert.deepEqual([result.sealed, result.kept], [8, 0]);
    assert.doesNotMatch(result.text, /hunter2|line\n|\/wD\+/);
    const hidden = result.text
      .replaceAll(/\n {4}[A-Za-z0-9+/=-].*/g, "")
      .replaceAll(/\|( #.*)?$/gm, (_, comment) => `SEALED${comment ?? ""}`);
    assert.equal(
      hidden.slice(0, hidden.indexOf("---\n\n---")),
      `# who: the web team
apiVersion: v1
kind: Secret
metadata:
  name: web # its name
type: Opaque
stringData:
  # for the database
  password: SEALED # rotate
  pem: SEALED
  empty: SEALED
data:
  raw: SEALED
---
# second
apiVersion: v1
kind: ConfigMap
metadata: { name: c }
data: { a: 'b' }
`,
    );
    assert.deepEqual(objects(await open(result.text)), objects(parseManifests(whole, "s.yaml")));
  });

  it("of Lists and of JSON too, which stays JSON", async () => {
    const [object] = objects(parseManifests(secret, "s")) as object[];
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: [object] });
    const { text } = await sealed(list);
    assert.equal(JSON.parse(text).items[0].metadata.name, "web");
    assert.deepEqual(objects(await open(text)), [object]);
  });

  it("of keys that are numbers and words of YAML, as they are written", async () => {
    const text = `${secret}  1.50: YQ==\n  true: YQ==\n`;
    assert.deepEqual(objects(await open((await sealed(text)).text)), objects(parseManifests(text, "s.yaml")));
  });

  it("are sealed once", async () => {
    const { text } = await sealed(secret);
    assert.deepEqual(await sealed(text), { text, sealed: 0, kept: 4, shown: [] });
  });

  it("tell of values that can still be read elsewhere", async () => {
    const commented = `${secret.replace("# rotate", "# was hunter2: $" + "{X}")}---\n${config.replace("'b'", "bGluZQo=")}`;
    assert.deepEqual((await sealed(commented)).shown, [
      "s.yaml:9:3: stringData.password",
      "s.yaml:10:3: stringData.pem",
    ]);
  });

  const before = secret.slice(0, secret.indexOf("stringData"));
  const unsealable: [what: string, text: () => string, message: RegExp][] = [
    ["no Secret", () => config, /^s.yaml:1:1: there is no Secret here that has values/],
    ["a list", () => `${before}data: [hunter2]\n`, /^s.yaml:7:1: data of a Secret is a map/],
    ["a word", () => `${before}stringData: hunter2\n`, /^s.yaml:7:1: stringData of a Secret is/],
    ["a number", () => secret.replace(/"hunter.*/, "5"), /^s.yaml:9:3: a value of a Secret is a string/],
    ["base64 that is cut off", () => secret.replace("/wD+", "abcde"), /^s.yaml:14:3: data holds base64/],
    ["another field", () => `${secret}stringdata:\n  x: y\n`, /^s.yaml:15:1: a Secret has no field stringdata, and it/],
    [
      "a kind that is nearly one",
      () => `${secret}---\n${secret.replace("Secret", "secret")}`,
      /^s.yaml:18:1: a Secret has/,
    ],
    [
      "another version",
      () => secret.replace("v1", "v1beta1"),
      /^s.yaml:3:1: a Secret has apiVersion: v1 and kind: Secret/,
    ],
    [
      "what only begins as if it were sealed",
      () => secret.replace(/"hunter.*/, '"-----BEGIN AGE ENCRYPTED FILE-----\\nhunter2"'),
      /^s.yaml:9:3: the sealed text is damaged/,
    ],
    ["data without base64", () => secret.replace("/wD+", "p&x"), /^s.yaml:14:3: data holds base64/],
    [
      "an alias",
      () => secret.replace("type: Opaque", "type: &t Opaque").replace('""', "*t"),
      /^s.yaml:12:3: stringData.empty: it is an alias: write it out/,
    ],
    [
      "values from an alias",
      () => secret.replace("type:", "  labels: &x {a: b}\ntype:").replace(/stringData:[\s\S]*/, "stringData: *x\n"),
      /is an alias/,
    ],
    [
      "what kubectl noted down",
      () => secret.replace("type:", "  annotations: {kubectl.kubernetes.io/last-applied-configuration: x}\ntype:"),
      /^s.yaml:6:17: this annotation shows what the Secret holds/,
    ],
    ["no YAML", () => "a: [", /^s.yaml:/],
  ];
  for (const [what, text, message] of unsealable) it(`refuse ${what}`, () => refused(sealed(text()), message));

  it("are refused where others could read what was opened, with the line", async () => {
    const armored = await seal("t0p");
    const map = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.b: |\n${indented(armored)}\n`;
    await refused(open(map), /^s.yaml:5:3: data\[a.b\]: only data and stringData of a Secret may hold sealed values$/);
    const head = "metadata: {name: a}\n";
    const nested = `apiVersion: x/v1\nkind: Y\n${head}spec:\n  x:\n  - y\n  - z: |\n${indented(armored, "      ")}\n`;
    await refused(open(nested), /^s.yaml:7:5: spec.x\[1\].z: only/);
    const deep = `apiVersion: v1\nkind: Secret\n${head}data:\n  a:\n    b: |\n${indented(armored, "      ")}\n`;
    await refused(open(deep), /^s.yaml:6:5: data.a.b: only/);
    const inSecret = map.replace("ConfigMap", "Secret");
    await refused(open(inSecret.replace("\ndata:", "\nother:")), /: only data and/);
    await refused(open(inSecret.replace("v1", "x/v1")), /: only data and/);
    assert.deepEqual((objects(await open(inSecret)) as { data: object }[])[0]?.data, { "a.b": "dDBw" });
  });

  it("say why they can't be opened, with the line, and quote nothing", async () => {
    const { text } = await sealed(secret);
    const stranger = await Opener.with([(await generateIdentity(false)).identity]);
    await refused(open(text, stranger), /^s.yaml:9:3: stringData.password: it is sealed for others: no identity/);
    await refused(openManifests(parseManifests(text, "s.yaml"), undefined), /^s.yaml:9:3: .*spec.decrypt names one$/);
    await refused(open(text.replace(/-----END.*/, "")), /^s.yaml:9:3: stringData.password: the sealed text is damaged/);
    const raw = `apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  a: |\n${indented(await seal(Buffer.from([0xff])))}\n`;
    await refused(open(raw), /^s.yaml:5:3: stringData.a: what is sealed is not text: put it into data$/);
    assert.deepEqual((objects(await open(raw.replace("stringData", "data"))) as { data: object }[])[0]?.data, {
      a: "/w==",
    });
  });

  it("without a sealed value need no identity", async () => {
    const manifests = parseManifests(`${secret}---\n${config}`, "s.yaml");
    assert.deepEqual(await openManifests(manifests, undefined), manifests);
  });

  it("may be sealed as whole files, of Secrets only", async () => {
    const bytes = Buffer.from(await sealFile(Buffer.from(secret), "s.yaml", seal));
    const text = await openFile(bytes, "s.yaml.age", opener);
    assert.equal(Buffer.from(text).toString(), secret);
    assert.doesNotThrow(() => mustBeSecrets(parseManifests(text, "s.yaml.age")));
    await refused(
      sealFile(Buffer.from(`${secret}---\n${config}`), "s.yaml", seal),
      /^s.yaml:17:1: a file that is sealed/,
    );
    const marked = Buffer.from(`\ufeff${bytes.toString()}`, "utf16le");
    assert.equal(Buffer.from(await openFile(marked, "s.yaml.age", opener)).toString(), secret, "by PowerShell");
    assert.equal(Buffer.from(await openFile(Buffer.from(`\ufeff${bytes}`), "s", opener)).toString(), secret);
    await refused(openFile(bytes, "s.yaml.age", undefined), /^s.yaml.age:1:1: it is sealed, and there is no identity/);
    await refused(openFile(Buffer.from("x"), "s.yaml.age", opener), /^s.yaml.age:1:1: this is not an age file/);
  });

  it("are told of without their words: what was sealed may be no file", async () => {
    const sealed = await seal("{hunter2: 1, hunter2: 2}");
    const text = await openFile(Buffer.from(sealed), "s.yaml.age", opener);
    await assert.rejects(
      withoutItsWords(async () => parseManifests(text, "s.yaml.age")),
      { name: "ManifestError", message: "s.yaml.age:1:14: duplicate key: remove one of the two" },
    );
  });
});
