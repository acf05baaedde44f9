import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { configMaps, processes } from "../../../../../api/scheme.ts";
import { Desk, rolledOut } from "../../desk.ts";

const manifest = (name: string, spec = "command: /bin/web", labels = ""): string => `apiVersion: wctl.dev/v1
kind: Process
metadata:
  name: ${name}
  labels: {app: ${labels || name}}
spec:
  ${spec}
`;

const numbers = (text: string, pattern: RegExp): number[] =>
  [...text.matchAll(pattern)].map(([, digits]) => Number(digits));

describe("wctl apply", () => {
  let desk: Desk;
  let folder: string;
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  before(async () => {
    desk = await Desk.open();
    folder = await mkdtemp(join(tmpdir(), "wctl-apply-"));
  });
  after(async () => {
    await desk.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("creates, leaves alone, changes", async () => {
    const path = await file("one.yaml", manifest("one"));
    assert.deepEqual(await desk.wctl(`apply -f ${path}`), { code: 0, out: "process.wctl.dev/one created\n", err: "" });
    assert.equal((await desk.wctl(`apply -f ${path}`)).out, "process.wctl.dev/one unchanged\n");
    await file("one.yaml", manifest("one", "command: /bin/other"));
    assert.equal((await desk.wctl(`apply -f ${path}`)).out, "process.wctl.dev/one configured\n");
    assert.equal((await desk.client.get(processes, "default/one")).spec.command, "/bin/other");
  });

  it("lets the server merge, which refuses what others own until it is forced", async () => {
    const path = await file("ours.yaml", manifest("ours", "{command: /bin/web, replicas: 0}"));
    const applied = { code: 0, out: "process.wctl.dev/ours serverside-applied\n", err: "" };
    assert.deepEqual(await desk.wctl(`apply -f ${path} --server-side`), applied);
    await desk.wctl("scale process/ours --replicas=2");
    const { code, err } = await desk.wctl(`apply -f ${path} --server-side`);
    assert.equal(code, 1);
    assert.match(
      err,
      /^Error from server \(Conflict\): .*conflict with "wctl-scale" with subresource "scale" using wctl\.dev\/v1/s,
    );
    assert.deepEqual(await desk.wctl(`apply -f ${path} --server-side --force-conflicts`), applied);
    assert.equal((await desk.client.get(processes, "default/ours")).spec.replicas, 0);
    assert.match((await desk.wctl("get process ours -o yaml --show-managed-fields")).out, /manager: wctl\n/);
    assert.doesNotMatch((await desk.wctl("get process ours -o yaml")).out, /managedFields/);
  });

  it("goes on, on the server's side, with what it applied on its own", async () => {
    const path = await file("moved.yaml", manifest("moved", "{command: /bin/web, replicas: 0}"));
    await desk.wctl(`apply -f ${path}`);
    await file("moved.yaml", manifest("moved", "{command: /bin/other, replicas: 0}"));
    assert.equal((await desk.wctl(`apply -f ${path} --server-side`)).err, "");
    assert.equal((await desk.wctl(`apply -f ${path}`)).out, "process.wctl.dev/moved unchanged\n");
  });

  it("does not mix the two ways", async () => {
    for (const flags of [
      "--force-conflicts",
      "--server-side --force",
      "--server-side --dry-run=client",
      "--server-side --prune --all",
    ]) {
      assert.equal((await desk.wctl(`apply -f x.yaml ${flags}`)).code, 1, flags);
    }
  });

  it("refuses the same object twice, naming both places, before anything is sent", async () => {
    const [a, b] = [
      await file("a.yaml", manifest("double")),
      await file("b.yaml", manifest("double", "command: /bin/other")),
    ];
    const { code, out, err } = await desk.wctl(`apply -f ${a} -f ${b}`);
    assert.deepEqual([code, out], [1, ""]);
    assert.equal(
      err,
      `error: ${b}:1:1: Process "default/double" is declared at ${a}:1 already: remove one of the two\n`,
    );
    assert.match((await desk.wctl("get process double")).err, /NotFound/);
  });

  it("sends what a process refers to before the process", async () => {
    const secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: read-by-it}\n";
    const text = `${manifest("reader")}---\n${secret}`;
    const { out } = await desk.wctl("apply -f -", { stdin: text });
    assert.equal(out, "secret/read-by-it created\nprocess.wctl.dev/reader created\n");
  });

  it("warns of a path that double quotes have broken, without repeating the value of a variable", async () => {
    const spec =
      'command: /bin/web\n  args: ["C:\\temp\\new.txt", "two\\nlines"]\n  env: [{name: A, value: "D:\\new"}]';
    const { code, err } = await desk.wctl("apply -f -", { stdin: manifest("quoted", spec) });
    assert.equal(code, 0);
    assert.match(err, /spec\.args\[0\]: .*use single quotes, as 'C:\\temp\\new\.txt'/);
    assert.match(err, /spec\.env\[0\]\.value: .*use single quotes\n/);
    assert.doesNotMatch(err, /args\[1\]|D:/);
  });

  it("names what was meant: a name, quotes, a value of an enumeration", async () => {
    const refusedFor = async (name: string, spec?: string): Promise<string> =>
      (await desk.wctl("apply -f -", { stdin: manifest(name, spec, "x") })).err;
    assert.match(await refusedFor("My_Web App"), /\(for example: "my-web-app"\)/);
    assert.match(await refusedFor("port", "command: /bin/web\n  args: [8080]"), /; put it in quotes: "8080"/);
    assert.match(await refusedFor("enum", "command: /bin/web\n  restartPolicy: OnFailur"), /did you mean "OnFailure"/);
    assert.match((await desk.wctl("get processes -o jsn")).err, /\(did you mean json\?\)/);
  });

  it("reads standard input, folders in order, folders in folders when asked, and URLs", async () => {
    assert.equal((await desk.wctl("apply -f -", { stdin: manifest("piped") })).out, "process.wctl.dev/piped created\n");
    await mkdir(join(folder, "tree", "inner"), { recursive: true });
    await file("tree/b.yml", manifest("tree-b"));
    await file(
      "tree/a.json",
      JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "tree-a" }, data: { k: "v" } }),
    );
    await file("tree/inner/c.yaml", manifest("tree-c"));
    await file("tree/notes.txt", "not a manifest");
    assert.equal(
      (await desk.wctl(`apply -f ${folder}/tree`)).out,
      "configmap/tree-a created\nprocess.wctl.dev/tree-b created\n",
    );
    assert.match((await desk.wctl(`apply -R -f ${folder}/tree`)).out, /process.wctl.dev\/tree-c created\n$/);
    const web = createServer((_, response) => response.end(manifest("fetched")));
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}/web.yaml`;
    assert.equal((await desk.wctl(`apply -f ${url}`)).out, "process.wctl.dev/fetched created\n");
    web.close();
  });

  it("tries without doing", async () => {
    const path = await file("tried.yaml", manifest("tried"));
    assert.equal(
      (await desk.wctl(`apply -f ${path} --dry-run=client`)).out,
      "process.wctl.dev/tried created (dry run)\n",
    );
    assert.equal(
      (await desk.wctl(`apply -f ${path} --dry-run=server`)).out,
      "process.wctl.dev/tried created (server dry run)\n",
    );
    assert.match((await desk.wctl("get process tried")).err, /NotFound/);
  });

  it("prints names, or the whole objects", async () => {
    const path = await file("shown.yaml", manifest("shown"));
    assert.equal((await desk.wctl(`apply -f ${path} -o name`)).out, "process.wctl.dev/shown\n");
    assert.equal(JSON.parse((await desk.wctl(`apply -f ${path} -o json`)).out).metadata.name, "shown");
    assert.match((await desk.wctl(`apply -f ${path} -o yaml`)).out, /^apiVersion: wctl.dev\/v1\nkind: Process\n/);
  });

  it("sends nothing when one of the files is broken, and names file, line and document of each fault", async () => {
    await mkdir(join(folder, "broken"));
    await file("broken/a.yaml", manifest("broken-a"));
    await file(
      "broken/b.yaml",
      `${manifest("broken-b")}---\napiVersion: wctl.dev/v1\nkind: Proces\nmetadata: {name: x}\n`,
    );
    await file("broken/c.yaml", "kind: [\n");
    const { code, out, err } = await desk.wctl(`apply -f ${folder}/broken`);
    assert.deepEqual([code, out], [1, ""]);
    const [first, second] = err.trim().split("\n");
    assert.match(
      first!,
      /^error: \S+b\.yaml:10:1: kind: no matches for kind "Proces" .*\(did you mean "Process"\?\) \(document 2\)$/,
    );
    assert.match(second!, /^error: \S+c\.yaml:\d+:\d+: /);
    assert.match((await desk.wctl("get process broken-a")).err, /NotFound/);
  });

  it("names the document of what the server refuses or warns of, when it is not the first", async () => {
    const second = manifest("second", "command: /bin/web\n  replica: 2");
    const path = await file("documents.yaml", `${manifest("first")}---\n${second}`);
    const strict = await desk.wctl(`apply -f ${path}`);
    assert.match(strict.err, /documents\.yaml:16: spec\.replica: unknown field .*\(document 2\)\n$/);
    const lax = await desk.wctl(`apply -f ${path} --validate=warn`);
    assert.match(lax.err, /^Warning: \S+documents\.yaml:16: spec\.replica: unknown field.*\(document 2\)\n$/);
  });

  it("applies many, and tells of them in the order of the file, warnings and refusals beside what they are about", async () => {
    const spec = (index: number): string =>
      index % 7 === 3 ? "command: [no]" : index % 5 === 0 ? "command: /bin/web\n  bogus: 1" : "command: /bin/web";
    const indices = Array.from({ length: 60 }, (_, index) => index);
    const text = indices.map((index) => manifest(`many-${index}`, spec(index))).join("---\n");
    const { code, out, err } = await desk.wctl("apply --validate=warn -f -", { stdin: text });
    assert.equal(code, 1);
    const good = indices.filter((index) => index % 7 !== 3);
    assert.equal(out, good.map((index) => `process.wctl.dev/many-${index} created\n`).join(""));
    const lineOf = (index: number): number =>
      text.slice(0, text.indexOf(`name: many-${index}\n`)).split("\n").length + 3;
    const warned = good.filter((index) => index % 5 === 0).map((index) => lineOf(index) + 1);
    assert.deepEqual(numbers(err, /^Warning: \S+:(\d+): spec\.bogus/gm), warned);
    assert.deepEqual(
      numbers(err, /^Error from server \(Invalid\): \S+:(\d+): spec\.command/gm),
      indices.filter((index) => index % 7 === 3).map(lineOf),
    );
    assert.deepEqual(
      (await desk.wctl("apply -f -", { stdin: manifest("many-1") })).out,
      "process.wctl.dev/many-1 unchanged\n",
    );
  });

  it("says with lines of the file what the server refuses, and goes on with the others", async () => {
    const path = await file(
      "refused.yaml",
      `${manifest("refused", "command: /bin/web\n  replica: 2")}---\n${manifest("accepted")}`,
    );
    const { code, out, err } = await desk.wctl(`apply -f ${path}`);
    assert.deepEqual([code, out], [1, "process.wctl.dev/accepted created\n"]);
    assert.match(
      err,
      /^Error from server \(BadRequest\): \S+refused\.yaml:8: spec\.replica: unknown field.*did you mean.*replicas/,
    );
    const several = await file(
      "several.yaml",
      manifest("several", "command: /bin/web\n  replicas: -1\n  minReadySeconds: -2"),
    );
    const refused = await desk.wctl(`apply -f ${several}`);
    assert.match(
      refused.err,
      /^Error from server \(Invalid\): process\.wctl\.dev\/several is refused:\n {2}\S+several\.yaml:8: spec\.replicas: .*\n {2}\S+:9: spec\.minReadySeconds: /,
    );
  });

  it("warns of unknown fields instead, when told so", async () => {
    const path = await file("warned.yaml", manifest("warned", "command: /bin/web\n  replica: 2"));
    const { code, out, err } = await desk.wctl(`apply -f ${path} --validate=warn`);
    assert.deepEqual([code, out], [0, "process.wctl.dev/warned created\n"]);
    assert.match(err, /^Warning: \S+warned\.yaml:8: spec\.replica: unknown field/);
  });

  it("prunes what it applied before and the files have no more, and nothing else", async () => {
    const path = await file(
      "set.yaml",
      `${manifest("kept", "command: /bin/web", "shop")}---\n${manifest("dropped", "command: /bin/web", "shop")}`,
    );
    await desk.wctl(`apply -f ${path}`);
    await desk.process("by-hand", {}, undefined, { labels: { app: "shop" } });
    await file("set.yaml", manifest("kept", "command: /bin/web", "shop"));
    assert.match(
      (await desk.wctl(`apply -f ${path} --prune`)).err,
      /^error: all resources selected for prune without explicitly passing --all/,
    );
    assert.match(
      (await desk.wctl(`apply -f ${path} --prune -l app=shop --dry-run=server`)).out,
      /dropped pruned \(server dry run\)\n$/,
    );
    const { out } = await desk.wctl(`apply -f ${path} --prune -l app=shop`);
    assert.equal(out, "process.wctl.dev/kept unchanged\nprocess.wctl.dev/dropped pruned\n");
    assert.match(
      (await desk.wctl("get proc -l app=shop -o name")).out,
      /^process.wctl.dev\/by-hand\nprocess.wctl.dev\/kept\n$/,
    );
    assert.equal((await desk.client.list(configMaps)).items.length, 1);
  });

  it("waits until the processes are rolled out", async () => {
    const path = await file("waited.yaml", manifest("waited"));
    const late = await desk.wctl(`apply -f ${path} --wait --timeout=50ms`);
    assert.equal(late.code, 1);
    // On a busy machine the time may be up before the first look.
    assert.match(
      late.err,
      /^error: timed out waiting for the condition on processes\/waited\n(waited: the change is not observed yet\n)?$/,
    );
    const unseen = await desk.wctl(["rollout", "status", "process/waited", "--timeout=0.000001s"]);
    assert.deepEqual([unseen.code, unseen.err], [1, "error: timed out waiting for the condition\n"]);
    const { resourceVersion: _, ...metadata } = (await desk.client.get(processes, "default/waited")).metadata;
    await desk.client.updateStatus(processes, {
      apiVersion: "wctl.dev/v1",
      kind: "Process",
      metadata,
      spec: { command: "x" },
      status: rolledOut(1),
    } as never);
    assert.deepEqual(await desk.wctl(`apply -f ${path} --wait --timeout=5s`), {
      code: 0,
      out: "process.wctl.dev/waited unchanged\n",
      err: "",
    });
  });

  const refusals: [string, RegExp][] = [
    ["apply", /^error: must specify one of -f\nSee 'wctl apply --help' for usage.\n$/],
    ["apply -f /nowhere/x.yaml", /^error: the path "\/nowhere\/x.yaml" does not exist\n$/],
    ["apply x.yaml", /^error: unexpected "x.yaml": files are named with -f\n/],
    ["apply -f - -f -", /^error: standard input can be read only once\n/],
    ["apply -f -", /^error: no objects passed to apply\n/],
  ];
  for (const [line, message] of refusals) {
    it(`refuses "${line}"`, async () => {
      const { code, err } = await desk.wctl(line);
      assert.equal(code, 1);
      assert.match(err, message);
    });
  }

  it("refuses a file for another namespace than the one that was named", async () => {
    const { code, err } = await desk.wctl("apply -n shop -f -", {
      stdin: manifest("x").replace("name: x", "name: x\n  namespace: other"),
    });
    assert.equal(code, 1);
    assert.match(
      err,
      /^error: STDIN:5:3: the namespace from the provided object "other" does not match the namespace "shop"/,
    );
  });
});
