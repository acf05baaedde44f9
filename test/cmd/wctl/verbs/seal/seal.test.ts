import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parseManifests } from "../../../../../api/manifests/manifest.ts";
import { openFile, openManifests } from "../../../../../api/sealing/open-manifests.ts";
import { Opener } from "../../../../../api/sealing/opener.ts";
import type { Secret } from "../../../../../api/types.generated.ts";
import { Desk } from "../../desk.ts";

const secret = "# kept\napiVersion: v1\nkind: Secret\nmetadata:\n  name: web\nstringData:\n  token: hunter2\n";

let desk: Desk;
let folder: string;
let recipient: string;
let opener: Opener;
before(async () => {
  desk = await Desk.open();
  folder = await mkdtemp(join(tmpdir(), "wctl-seal-"));
  const { out, err } = await desk.wctl("seal --generate");
  recipient = /^Recipient: (age1\S+)\n$/.exec(err)![1]!;
  const { object } = parseManifests(out, "STDOUT")[0]!;
  opener = await Opener.with(Object.values((object as Secret).stringData!));
  await writeFile(join(folder, "hosts.txt"), `# of all hosts\n${recipient}\n`);
  await writeFile(join(folder, "secret.yaml"), secret);
});
after(async () => {
  await desk.close();
  await rm(folder, { recursive: true, force: true });
});

describe("wctl seal", () => {
  it("--generate prints an identity as a Secret that the server takes, and its recipient beside it", async () => {
    const { code, out, err } = await desk.wctl("seal --generate host-key -n ops --post-quantum");
    assert.equal(code, 0);
    assert.match(
      out,
      /^apiVersion: v1\nkind: Secret\nmetadata:\n {2}name: host-key\n {2}namespace: ops\nstringData:\n {2}identity: AGE-SECRET-KEY-PQ-1\w+\n$/,
    );
    assert.match(err, /^Recipient: age1pq1\w+\n$/);
    const made = await desk.wctl("seal --generate host-key");
    assert.equal((await desk.wctl("apply -f -", { stdin: made.out })).out, "secret/host-key created\n");
  });

  it("prints what the identity opens, and no value", async () => {
    const { code, out, err } = await desk.wctl(`seal -f - --recipient ${recipient}`, { stdin: secret });
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^# kept\napiVersion: v1\n[\s\S]*\n {2}token: \|\n {4}-----BEGIN AGE ENCRYPTED FILE-----\n/);
    assert.doesNotMatch(out, /hunter2/);
    const [opened] = await openManifests(parseManifests(out, "f"), opener);
    assert.deepEqual((opened!.object as Secret).stringData, { token: "hunter2" });
  });

  it("prints what the verbs that write refuse, because nobody would open it", async () => {
    const { out: stdin } = await desk.wctl(`seal -f - -r ${recipient}`, { stdin: secret });
    for (const verb of ["apply", "create", "replace"]) {
      const { code, err } = await desk.wctl(`${verb} -f -`, { stdin });
      assert.equal(code, 1);
      assert.match(err, /^error: STDIN:7:3: stringData.token: it is sealed, which a GitSource opens and nobody else/);
    }
    assert.match((await desk.wctl("get -f -", { stdin })).err, /"web" not found/);
  });

  it("joins files, and says what it found sealed", async () => {
    const file = join(folder, "secret.yaml");
    const { out: first } = await desk.wctl(`seal -f ${file} -r ${recipient}`);
    const { out, err } = await desk.wctl(`seal -f ${file} -f - --recipients-file ${join(folder, "hosts.txt")}`, {
      stdin: `---\n${first}`,
    });
    assert.equal(err, "Warning: STDIN: 1 value sealed before and left as it was, for whomever that is\n");
    assert.equal((await openManifests(parseManifests(out, "f"), opener)).length, 2);
    assert.ok(out.endsWith(`---\n${first}`));
  });

  it("warns of a value that can still be read", async () => {
    const { err } = await desk.wctl(`seal -f - -r ${recipient}`, {
      stdin: secret.replace("hunter2", "hunter2hunter2 # hunter2hunter2"),
    });
    assert.equal(
      err,
      "Warning: STDIN:7:3: stringData.token: the value stands elsewhere in the file too, where it can still be read\n",
    );
  });

  it("--whole seals a file", async () => {
    const { out } = await desk.wctl(`seal --whole -f - -r ${recipient}`, { stdin: secret });
    assert.equal(Buffer.from(await openFile(Buffer.from(out), "f", opener)).toString(), secret);
  });

  const refused: [words: string, message: RegExp][] = [
    ["seal", /must specify one of -f, --generate/],
    ["seal -f -", /must specify one of --recipient, --recipients-file/],
    ["seal web -f -", /files are named with -f/],
    ["seal --generate a b", /--generate takes one NAME, got 2/],
    ["seal --generate -f -", /--generate seals nothing/],
    ["seal -f - -r age1x", /^error: "age1x" is not an age recipient \(age1\.\.\.\)\n$/],
    ["seal -f - --recipients-file /nowhere", /cannot read "\/nowhere"/],
  ];
  for (const [words, message] of refused) {
    it(`refuses ${words}`, async () => {
      const { code, out, err } = await desk.wctl(words, { stdin: secret });
      assert.deepEqual([code, out], [1, ""]);
      assert.match(err, message);
    });
  }

  it("prints nothing when one of the files can't be sealed", async () => {
    const stdin = secret.replace("hunter2", "5");
    const { code, out, err } = await desk.wctl(`seal -f ${join(folder, "secret.yaml")} -f - -r ${recipient}`, {
      stdin,
    });
    assert.deepEqual([code, out], [1, ""]);
    assert.equal(err, "error: STDIN:7:3: a value of a Secret is a string: put it in quotes\n");
  });
});
