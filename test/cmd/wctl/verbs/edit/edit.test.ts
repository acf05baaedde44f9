import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { after, before, beforeEach, describe, it } from "node:test";
import { processes, secrets } from "../../../../../api/scheme.ts";
import { Desk } from "../../desk.ts";
import type { Ran } from "../../run-words.ts";

let desk: Desk;
before(async () => {
  desk = await Desk.open();
});
after(() => desk.close());
beforeEach(async () => {
  for (const { metadata } of (await desk.client.list(processes)).items)
    await desk.client.delete(processes, `default/${metadata.name}`);
  await desk.process("web", { replicas: 1 });
});

type Typing = (text: string) => string | Promise<string>;

interface Sitting extends Ran {
  /** What the editor showed, each time. */
  shown: string[];
  path: string;
}

/** The user types this, each time the editor is opened; after that nothing any more. */
async function edit(line: string, ...typing: Typing[]): Promise<Sitting> {
  const shown: string[] = [];
  let path = "";
  const ran = await desk.wctl(line, {
    edit: async (at) => {
      path = at;
      const text = await readFile(at, "utf8");
      shown.push(text);
      await writeFile(at, await (typing.shift() ?? ((same: string) => same))(text));
    },
  });
  return { ...ran, shown, path };
}

const replicas =
  (count: number): Typing =>
  (text) =>
    text.replace(/replicas: -?\d+/, `replicas: ${count}`);
const web = async () => desk.client.get(processes, "default/web");

describe("wctl edit", () => {
  it("sends what was changed, and leaves no file", async () => {
    const { code, out, err, shown, path } = await edit("edit process web", replicas(2));
    assert.deepEqual([code, out, err], [0, "process.wctl.dev/web edited\n", ""]);
    assert.match(
      shown[0]!,
      /^# Please edit the object below\. Lines beginning with a '#' will be ignored,\n[\s\S]*\n#\napiVersion: wctl/,
    );
    assert.doesNotMatch(shown[0]!, /managedFields/);
    assert.equal((await web()).spec.replicas, 2);
    assert.equal(existsSync(path), false);
  });

  it("keeps what others change meanwhile", async () => {
    await edit("edit process web", async (text) => {
      await desk.client.patch(processes, "default/web", { type: "merge", body: { spec: { args: ["theirs"] } } });
      return (await replicas(3)(text)) as string;
    });
    const { spec } = await web();
    assert.deepEqual([spec.replicas, spec.args], [3, ["theirs"]]);
  });

  it("removes what was removed", async () => {
    await desk.client.patch(processes, "default/web", { type: "merge", body: { metadata: { labels: { a: "1" } } } });
    await edit("edit process web", (text) => text.replace(/ {2}labels:\n {4}a: "1"\n/, ""));
    assert.equal((await web()).metadata.labels, undefined);
  });

  const nothing: [what: string, typing: Typing, says: string][] = [
    ["nothing is changed", (text) => text, "Edit cancelled, no changes made.\n"],
    ["only comments are", (text) => `# mine\n${text}`, "Edit cancelled, no changes made.\n"],
    ["the file is emptied", () => "# all\n\n", "Edit cancelled, saved file was empty.\n"],
  ];
  for (const [what, typing, says] of nothing) {
    it(`ends when ${what}`, async () => {
      const before = (await web()).metadata.resourceVersion;
      const { code, out, err, path } = await edit("edit process web", typing);
      assert.deepEqual([code, out, err], [0, "", says]);
      assert.equal((await web()).metadata.resourceVersion, before);
      assert.equal(existsSync(path), false);
    });
  }

  it("comes back with the reason when the server refuses, and takes what is mended", async () => {
    const { code, out, err, shown } = await edit("edit process web", replicas(-1), replicas(4));
    assert.deepEqual([code, out], [0, "process.wctl.dev/web edited\n"]);
    assert.equal(err, 'error: processes.wctl.dev "web" is invalid\n');
    assert.match(shown[1]!, /\n# processes\.wctl\.dev "web" was not valid:\n# \* spec\.replicas: .*\n#\napiVersion/);
    assert.match(shown[1]!, /replicas: -1/);
    assert.equal((await web()).spec.replicas, 4);
  });

  it("keeps the file when what is refused is left so, and names it", async () => {
    const { code, out, err, path } = await edit("edit process web", replicas(-1));
    assert.deepEqual([code, out], [1, ""]);
    assert.equal(
      err,
      `error: processes.wctl.dev "web" is invalid\nA copy of your changes has been stored to ${JSON.stringify(path)}\nerror: Edit cancelled, no valid changes were saved.\n`,
    );
    assert.match(await readFile(path, "utf8"), /replicas: -1/);
    await rm(path);
  });

  it("comes back for what can't be read, with the line, and for unknown fields", async () => {
    const { code, shown, err } = await edit(
      "edit process web",
      (text) => `${text} - : [\n`,
      (text) => text.replace(" - : [\n", "").replace("spec:\n", "spec:\n  bogus: 1\n"),
      (text) => text.replace("  bogus: 1\n", "").replace("replicas: 1", "replicas: 2"),
    );
    assert.equal(code, 0);
    assert.match(shown[1]!, /# The edited file had a syntax error:\n# \* line \d+: /);
    assert.match(shown[2]!, /# processes\.wctl\.dev "web" was not valid:\n# \* patch: .*unknown field "spec\.bogus"/);
    assert.match(
      err,
      /^error: the edited file had a syntax error: [^\n]*\nerror: processes\.wctl\.dev "web" is invalid/,
    );
  });

  it("refuses to make another object of it, and keeps the file", async () => {
    const { code, err, path } = await edit("edit process web", (text) => text.replace("name: web", "name: wob"));
    assert.equal(code, 1);
    assert.match(
      err,
      /^A copy of your changes has been stored to .*\nerror: At least one of apiVersion, kind and name was changed\n$/,
    );
    await rm(path);
  });

  it("takes what is right of several, and comes back with the rest", async () => {
    await desk.process("db", { replicas: 1 });
    const { code, out, shown } = await edit(
      "edit processes",
      (text) => text.replace("replicas: 1", "replicas: 2").replace("replicas: 1", "replicas: -5"),
      replicas(6),
    );
    assert.deepEqual([code, out], [0, "process.wctl.dev/db edited\nprocess.wctl.dev/web edited\n"]);
    assert.match(shown[0]!, /\nkind: List\n/);
    assert.doesNotMatch(shown[1]!, /name: db/);
    assert.equal((await web()).spec.replicas, 6);
  });

  it("says so when an object is gone meanwhile", async () => {
    const { code, err, path } = await edit("edit process web", async (text) => {
      await desk.client.delete(processes, "default/web");
      return text.replace("replicas: 1", "replicas: 2");
    });
    assert.equal(code, 1);
    assert.match(err, /^error: processes\.wctl\.dev "web" could not be found on the server\nA copy/);
    await rm(path);
  });

  it("gives Secrets to nobody else", async () => {
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "key", namespace: "default" } } as const;
    await desk.client.create(secrets, { ...secret, stringData: { token: "s3cret" } });
    let mode = 0;
    const { path } = await edit("edit secret key", async (text) => text);
    assert.equal(existsSync(path), false);
    await desk.wctl("edit secret key", {
      edit: async (at) => {
        mode = (await stat(at)).mode & 0o777;
      },
    });
    if (process.getuid !== undefined) assert.equal(mode, 0o600);
  });

  it("edits JSON, with the line ends of Windows", async () => {
    const { out, shown } = await edit("edit process web -o json --windows-line-endings", (text) =>
      text.replace('"replicas": 1', '"replicas": 2'),
    );
    assert.equal(out, "process.wctl.dev/web edited\n");
    assert.match(shown[0]!, /#\r\n\{\r\n {4}"apiVersion"/);
  });

  it("leaves nothing when the editor fails at once", async () => {
    let path = "";
    const { code, err } = await desk.wctl("edit process web", {
      edit: async (at) => {
        path = at;
        throw new Error("there was a problem with the editor");
      },
    });
    assert.deepEqual([code, err], [1, "error: there was a problem with the editor\n"]);
    assert.equal(existsSync(path), false);
  });
});
