import assert from "node:assert/strict";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Ran, type RunOptions, runWords } from "../../run-words.ts";

const process = (name: string, spec: string): string =>
  `apiVersion: wctl.dev/v1\nkind: Process\nmetadata: {name: ${name}}\nspec:\n${spec.replace(/^/gm, "  ")}\n`;

describe("wctl validate", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "wctl-validate-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const wctl = (words: string[], options: RunOptions = {}): Promise<Ran> =>
    runWords(
      words,
      ({ namespace }) => ({
        kubeconfig: undefined,
        namespace,
        open: () => Promise.reject(new Error("no server")),
        whyNoAnswer: () => undefined,
      }),
      options,
    );
  const validate = (stdin: string, ...words: string[]): Promise<Ran> =>
    wctl(["validate", "-f", "-", ...words], { stdin });

  it("needs no server, and says so of what is valid", async () => {
    assert.deepEqual(await validate(process("web", "command: /bin/web")), {
      code: 0,
      out: "1 object in 1 file is valid\n",
      err: "",
    });
  });

  it("tells all that is wrong with all documents of all files, with file and line, in their order", async () => {
    const [a, b] = [join(folder, "a.yaml"), join(folder, "b.yaml")];
    writeFileSync(
      a,
      `${process("web", "command: run.bat\nreplicas: x\nreplica: 2")}---\nkind: Process\n---\na: b: c\n---\n${process("db", "args: [1]")}`,
    );
    writeFileSync(
      b,
      `${process("web", "command: /bin/web")}---\napiVersion: wctl.dev/v1\nkind: Proces\nmetadata: {name: x}\n`,
    );
    const { code, out, err } = await wctl(["validate", "-f", folder]);
    assert.deepEqual(
      [code, err, out.split("\n")],
      [
        1,
        "",
        [
          `${a}:5: error: spec.command: Invalid value: "run.bat": is a batch file, not a program: name the interpreter explicitly, as command: cmd.exe with args: [/d, /s, /c, <file>] (cmd.exe /d /s /c)`,
          `${a}:6: error: spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"`,
          `${a}:7: error: spec.replica: unknown field (did you mean "replicas"?)`,
          `${a}:9:1: error: apiVersion must be a string that is not empty`,
          `${a}:11:4: error: a second colon or a dash on this line: put the value in quotes, or begin the map or list on the next line, indented`,
          `${a}:16: error: spec.command: Required value`,
          `${a}:17: error: spec.args[0]: Invalid value: "integer": spec.args[0] in body must be of type string: "integer"; put it in quotes: "1"`,
          `${b}:1:1: error: Process "default/web" is declared at ${a}:1 already: remove one of the two`,
          `${b}:8:1: error: kind: no matches for kind "Proces" in version "wctl.dev/v1" (did you mean "Process"?)`,
          "3 objects in 2 files: 9 errors",
          "",
        ],
      ],
    );
  });

  it("takes what is sealed for a value, where it may be sealed", async () => {
    const sealed = "-----BEGIN AGE ENCRYPTED FILE-----\n    x";
    const secret = `apiVersion: v1\nkind: Secret\nmetadata: {name: web}\ndata:\n  a: |\n    ${sealed}\nstringData:\n  b: |\n    ${sealed}\n`;
    assert.equal((await validate(secret)).out, "1 object in 1 file is valid\n");
    assert.match(
      (await validate(secret.replace("Secret", "ConfigMap"))).out,
      /^STDIN:5:3: error: data.a: only data and stringData of a Secret may hold sealed values\n/,
    );
  });

  it("warns of what the files refer to and do not declare", async () => {
    const env = "env:\n- name: A\n  valueFrom: {secretKeyRef: {name: app, key: passwort}}\n";
    const text = [
      process(
        "web",
        `command: /bin/web\n${env}envFrom: [{configMapRef: {name: gone}}, {secretRef: {name: later, optional: true}}]`,
      ),
      "apiVersion: v1\nkind: Secret\nmetadata: {name: app}\nstringData: {password: x}\n",
      process("worker", "command: web --port 1\ndependsOn: [{name: weg}]"),
      process("a", "command: /bin/a\ndependsOn: [{name: b}]"),
      process("b", "command: /bin/b\ndependsOn: [{name: a}]"),
    ].join("---\n");
    const { code, out } = await validate(text);
    assert.equal(code, 0);
    assert.deepEqual(out.split("\n"), [
      'STDIN:8: warning: spec.env[0].valueFrom.secretKeyRef: secret "app" (STDIN:11) has no key "passwort" (did you mean password?)',
      'STDIN:9: warning: spec.envFrom[0].configMapRef: configmap "gone" is in none of these files, so it has to be on the server',
      'STDIN:20: warning: spec.command: "web --port 1" is looked up as the name of one program; arguments belong in spec.args',
      'STDIN:21: warning: spec.dependsOn[0]: process "weg" is in none of these files, so it has to be on the server (did you mean web?)',
      "STDIN:35: warning: spec.dependsOn[0]: these wait for each other and never start: a → b → a",
      "5 objects in 1 file are valid, 5 warnings",
      "",
    ]);
    assert.equal((await validate(text, "--warnings-as-errors")).code, 1);
    const elsewhere = text.replace("{name: app}", "{name: app, namespace: other}");
    assert.match((await validate(elsewhere)).out, /secret "app" is in none of these files/);
    assert.match((await validate(elsewhere, "-n", "other")).out, /has no key "passwort"/);
  });

  it("tells circles once each, however long the chains are", async () => {
    const link = (name: string, ...after: string[]): string =>
      process(name, `command: /bin/a\ndependsOn: [${after.map((one) => `{name: ${one}}`).join(", ")}]`);
    const chain = Array.from({ length: 3_000 }, (_, index) => link(`n${index}`, `n${index + 1}`));
    const { out } = await validate(
      [...chain, process("n3000", "command: /bin/a"), link("a", "b", "n0"), link("b", "c"), link("c", "b", "a")].join(
        "---\n",
      ),
    );
    assert.deepEqual(
      out.split("\n").map((text) => text.replace(/^.*never start: /, "")),
      ["b → c → b", "3004 objects in 1 file are valid, 1 warning", ""],
    );
  });

  it("tells of a long circle its two ends", async () => {
    const link = (index: number): string =>
      process(`n${index}`, `command: /bin/a\ndependsOn: [{name: n${(index + 1) % 500}}]`);
    const { out } = await validate(Array.from({ length: 500 }, (_, index) => link(index)).join("---\n"));
    const round = "n0 → n1 → n2 → n3 → n4 → n5 → (489 more) → n495 → n496 → n497 → n498 → n499 → n0";
    assert.ok(out.includes(`never start: ${round}\n`), out.slice(0, 500));
  });

  it("finds nothing wrong with the manifests that come along", async () => {
    const manifests = join(import.meta.dirname, "../../../../../manifests");
    const files = globSync("**/*.yaml", { cwd: manifests, exclude: ["gitops/hosts/**", "**/kustomization.yaml"] }); // Those are parts of others.
    assert.ok(files.length > 10);
    for (const file of files) {
      const { code, out } = await wctl(["validate", "-f", join(manifests, file)]);
      assert.equal(code, 0, out);
    }
  });

  it("-o json has each finding in parts", async () => {
    const { code, out } = await validate(process("web", "command: /bin/web\nreplicas: -1"), "-o", "json");
    assert.equal(code, 1);
    assert.deepEqual(JSON.parse(out), {
      valid: false,
      files: 1,
      objects: 1,
      errors: 1,
      warnings: 0,
      findings: [
        {
          severity: "error",
          file: "STDIN",
          line: 6,
          document: 1,
          kind: "Process",
          namespace: "default",
          name: "web",
          field: "spec.replicas",
          message: "Invalid value: -1: spec.replicas in body should be greater than or equal to 0",
        },
      ],
    });
    assert.equal(JSON.parse((await validate(process("web", "command: /bin/web"), "-o", "json")).out).valid, true);
  });

  it("exits with 2 when nothing could be checked", async () => {
    for (const [words, said] of [
      [["validate"], /^error: files are named with -f\n/],
      [["validate", "-f", join(folder, "missing")], /^error: the path ".*missing" does not exist\n$/],
      [["validate", "-f", "-"], /^error: no objects in these files\n$/],
    ] as const) {
      const { code, out, err } = await wctl([...words]);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(err, said);
    }
  });

  it("colours the words on a terminal", async () => {
    const { out } = await wctl(["validate", "-f", "-"], { stdin: process("web", "command: a.bat"), isTTY: true });
    assert.match(out, /^STDIN:5: \x1b\[31merror\x1b\[0m: spec\.command: /);
  });
});
