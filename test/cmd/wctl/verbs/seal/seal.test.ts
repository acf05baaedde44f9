import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parseManifests } from "../../../../../api/manifests/parse-manifests.ts";
import type { Stored } from "../../../../../api/object.ts";
import { gitSources } from "../../../../../api/scheme.ts";
import { openFile, openManifests } from "../../../../../api/sealing/open-manifests.ts";
import { Opener } from "../../../../../api/sealing/opener.ts";
import { generateIdentity } from "../../../../../api/sealing/seal.ts";
import type { GitSource, Secret } from "../../../../../api/types.generated.ts";
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
    for (const verb of ["apply", "create", "replace", "diff"]) {
      const { code, err } = await desk.wctl(`${verb} -f -`, { stdin });
      assert.equal(code, verb === "diff" ? 2 : 1);
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

  describe("--for a GitSource", () => {
    const source = (spec: object = {}): GitSource => ({
      apiVersion: "wctl.dev/v1",
      kind: "GitSource",
      metadata: { name: "fleet", namespace: "default" },
      spec: { url: "https://git.example.com/x.git", decrypt: { secretRef: { name: "host-key" } }, ...spec },
    });
    const says = async (made: Stored<GitSource>, recipients: string[], message = ""): Promise<void> => {
      const now = { observedGeneration: made.metadata.generation ?? 0, lastTransitionTime: "2026-01-01T00:00:00Z" };
      const ready = { type: "Ready", status: "False", reason: "DecryptionFailed", message, ...now } as const;
      const status = { observedGeneration: now.observedGeneration, recipients, conditions: [ready] };
      await desk.client.updateStatus(gitSources, { ...made, status });
    };
    const line = "seal -f - --for gitsource/fleet";
    const tell = async (): Promise<string> => (await desk.wctl(line, { stdin: secret })).err;

    it("is for those whom its status names; of two kinds for the one that withstands quantum computers", async () => {
      const made = await desk.client.create(gitSources, source());
      await says(made, [recipient]);
      const { code, out, err } = await desk.wctl(line, { stdin: secret });
      assert.deepEqual([code, err], [0, ""]);
      assert.equal((await openManifests(parseManifests(out, "f"), opener)).length, 1);
      const next = await generateIdentity(true);
      await says(await desk.client.get(gitSources, "default/fleet"), [recipient, next.recipient]);
      const { out: stronger } = await desk.wctl(line, { stdin: secret });
      await assert.rejects(openManifests(parseManifests(stronger, "f"), opener), /sealed for others/);
      await openManifests(parseManifests(stronger, "f"), await Opener.with([next.identity]));
      const mixed = await desk.wctl(`${line} -r ${recipient}`, { stdin: secret });
      assert.deepEqual([mixed.code, mixed.out], [1, ""]);
      assert.match(mixed.err, /\(age1pq1\.\.\.\) and others are not for one value/);
      await desk.client.delete(gitSources, "default/fleet");
    });

    it("is refused where the status does not say it of the spec as it is", async () => {
      const made = await desk.client.create(gitSources, source());
      assert.match(await tell(), /was changed and has not been looked at since: wctl reconcile gitsource\/fleet/);
      await says(made, [], 'the Secret "host-key" of spec.decrypt is not there');
      assert.match(await tell(), /no identity of use in the Secret "host-key": the Secret "host-key" of spec\.decrypt/);
      const patch = async (spec: object) =>
        void (await desk.client.patch(gitSources, "default/fleet", { type: "merge", body: { spec } }));
      await patch({ suspend: true });
      assert.match(await tell(), /is suspended.*wctl resume gitsource\/fleet/);
      await patch({ decrypt: null });
      assert.match(await tell(), /opens nothing that is sealed[^\n]*\nAn identity for its host: wctl seal --generate/);
    });
  });

  const refused: [words: string, message: RegExp][] = [
    ["seal", /must specify one of -f, --generate/],
    ["seal -f -", /must specify one of --for, --recipient, --recipients-file/],
    ["seal web -f -", /files are named with -f/],
    ["seal --generate a b", /--generate takes one NAME, got 2/],
    ["seal --generate -f -", /--generate seals nothing/],
    ["seal --generate --for gitsource/fleet", /--generate seals nothing/],
    ["seal -f - --for fleet", /--for takes gitsource\/NAME, got "fleet"/],
    ["seal -f - --for process/fleet", /--for takes gitsource\/NAME, got "process\/fleet"/],
    ["seal -f - --for gitsource/nobody", /"nobody" not found/],
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
