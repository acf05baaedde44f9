import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { processes } from "../../../../../api/scheme.ts";
import { Desk } from "../../desk.ts";

let desk: Desk;
let folder: string;
before(async () => {
  desk = await Desk.open();
  folder = await mkdtemp(join(tmpdir(), "wctl-patch-"));
  await desk.process("web", { replicas: 1, args: ["a", "b"] });
});
after(async () => {
  await desk.close();
  await rm(folder, { recursive: true, force: true });
});

const said = async (...words: string[]): Promise<string> => {
  const { code, out, err } = await desk.wctl(["patch", "process/web", ...words]);
  return `${out}${err}${code === 0 ? "" : `exit ${code}`}`;
};
const web = async () => desk.client.get(processes, "default/web");

describe("wctl patch", () => {
  it("sets fields by a merge patch, and says when that changed nothing", async () => {
    const patch = '{"spec":{"replicas":2}}';
    assert.equal(await said("-p", patch), "process.wctl.dev/web patched\n");
    assert.equal(await said("-p", patch, "--type=merge"), "process.wctl.dev/web patched (no change)\n");
    assert.equal((await web()).spec.replicas, 2);
  });

  it("takes YAML, and a file", async () => {
    await writeFile(join(folder, "patch.yaml"), "spec:\n  replicas: 4\n");
    await said("-p", "spec: {replicas: 3}");
    assert.equal((await web()).spec.replicas, 3);
    await said("--patch-file", join(folder, "patch.yaml"));
    assert.equal((await web()).spec.replicas, 4);
  });

  it("changes one item of a list by a JSON patch", async () => {
    await said("--type=json", "-p", '[{"op":"replace","path":"/spec/args/1","value":"c"}]');
    assert.deepEqual((await web()).spec.args, ["a", "c"]);
    const failed = await said("--type=json", "-p", '[{"op":"test","path":"/spec/args/1","value":"x"}]');
    assert.match(failed, /exit 1$/);
  });

  it("changes a part by itself", async () => {
    assert.equal(await said("--subresource=scale", "-p", '{"spec":{"replicas":5}}'), "process.wctl.dev/web patched\n");
    await said("--subresource=status", "-p", '{"status":{"replicas":7},"spec":{"replicas":9}}');
    const { spec, status } = await web();
    assert.deepEqual([spec.replicas, status?.replicas], [5, 7]);
  });

  it("tries only, when told so", async () => {
    const shown = JSON.parse(await said("-p", "spec: {replicas: 8}", "--dry-run=server", "-o", "json"));
    assert.equal(shown.spec.replicas, 8);
    assert.equal(await said("-p", "spec: {replicas: 8}", "--dry-run"), "process.wctl.dev/web patched (dry run)\n");
    assert.match(await said("-p", "spec: {}", "--dry-run", "-o", "yaml"), /^error: only a server works out/);
    assert.equal((await web()).spec.replicas, 5);
  });

  it("tells what the server refuses, and of unknown fields", async () => {
    assert.match(
      await said("-p", "spec: {replicas: -1}"),
      /^The Process "web" is invalid: spec\.replicas: .*\nexit 1$/,
    );
    assert.match(await said("-p", "spec: {bogus: 1}"), /^The request is invalid: patch: .*unknown field "spec\.bogus"/);
    assert.match(await said("-p", "spec: {bogus: 1}", "--validate=warn"), /unknown field "spec\.bogus"/);
  });

  const refusals: [words: string[], message: RegExp][] = [
    [[], /^error: must specify --patch or --patch-file containing the contents of the patch\n/],
    [["-p", "a: 1", "--patch-file=x"], /^error: cannot specify --patch and --patch-file together\n/],
    [["-p", "{a"], /^error: unable to parse --patch:1:/],
    [["-p", "[]"], /^error: a merge patch is an object; --type=json takes a list of operations\n/],
    [["-p", "a: 1", "--type=json"], /^error: a JSON patch is a list of operations; --type=merge takes an object\n/],
    [["-p", "a: 1", "--type=strategic"], /must be one of merge, json/],
    [["--patch-file=/no/such/file"], /^error: unable to read "\/no\/such\/file"/],
  ];
  for (const [words, message] of refusals) {
    it(`refuses "${words.join(" ")}"`, async () => {
      const before = (await web()).metadata.resourceVersion;
      assert.match(await said(...words), message);
      assert.equal((await web()).metadata.resourceVersion, before);
    });
  }
});
