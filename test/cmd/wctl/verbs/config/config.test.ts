import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { openSession } from "../../../../../cmd/wctl/open-session.ts";
import { type Ran, runWords } from "../../run-words.ts";

const kubeconfig = `apiVersion: v1
kind: Config
clusters:
- name: here
  cluster: {server: "https://127.0.0.1:7443"}
users:
- name: me
  user: {token: s3cret}
contexts:
- name: dev
  context: {cluster: here, user: me}
- name: prod
  context: {cluster: here, user: me, namespace: shop}
current-context: dev
`;

describe("wctl config", () => {
  let folder: string;
  let path: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "wctl-config-"));
    path = join(folder, "config");
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(() => writeFile(path, kubeconfig, { mode: 0o600 }));

  const wctl = (line: string): Promise<Ran> =>
    runWords(["--kubeconfig", path, ...line.split(" ")], (flags, warn) => openSession(flags, {}, warn));

  it("view shows everything but the secrets", async () => {
    const { out } = await wctl("config view");
    assert.match(out, /^apiVersion: v1\nclusters:\n- cluster:\n {4}server: https:\/\/127.0.0.1:7443\n {2}name: here\n/);
    assert.match(out, /token: REDACTED/);
    assert.doesNotMatch(out, /s3cret/);
    assert.match((await wctl("config view --raw")).out, /s3cret/);
    assert.deepEqual(JSON.parse((await wctl("config view --minify -o json")).out).contexts.length, 1);
  });

  it("get-contexts marks the current one", async () => {
    assert.equal(
      (await wctl("config get-contexts")).out,
      `CURRENT   NAME   CLUSTER   AUTHINFO   NAMESPACE
*         dev    here      me         
          prod   here      me         shop
`,
    );
    assert.equal((await wctl("config get-contexts -o name")).out, "dev\nprod\n");
    assert.equal((await wctl("config current-context")).out, "dev\n");
  });

  it("use-context writes the choice, and the file stays private", async () => {
    assert.deepEqual(await wctl("config use-context prod"), { code: 0, out: 'Switched to context "prod".\n', err: "" });
    assert.match(await readFile(path, "utf8"), /current-context: prod\n/);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await wctl("config use-context nope"), {
      code: 1,
      out: "",
      err: 'error: no context exists with the name: "nope"\n',
    });
  });

  it("set-context changes one, or makes one, and keeps the rest", async () => {
    assert.equal((await wctl("config set-context --current --namespace=lab")).out, 'Context "dev" modified.\n');
    assert.match((await wctl("config get-contexts dev --no-headers")).out, /dev +here +me +lab\n$/);
    assert.equal((await wctl("config set-context new --cluster=here -n x")).out, 'Context "new" created.\n');
    assert.equal((await wctl("config get-contexts -o name")).out, "dev\nnew\nprod\n");
    assert.match(await readFile(path, "utf8"), /token: s3cret/);
    assert.match((await wctl("config set-context --namespace=x")).err, /^error: name one context, or say --current\n/);
  });

  it("leads the other verbs: server, namespace, and what to say when nobody answers", async () => {
    const { code, err } = await wctl("get processes -s https://127.0.0.1:1");
    assert.equal(code, 1);
    assert.equal(
      err,
      "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\nIs the daemon running? Start it with: wctl daemon\n",
    );
    assert.match(
      (await wctl("get processes --context=nope")).err,
      /^error: context "nope" does not exist; there are: dev, prod\n$/,
    );
  });
});
