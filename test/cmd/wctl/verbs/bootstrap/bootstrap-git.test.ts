import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gitSources } from "../../../../../api/scheme.ts";
import { Desk } from "../../desk.ts";

const HTTPS = "bootstrap git --url https://git.example.com/x.git --path hosts/pc1";
const SSH = "bootstrap git --url git@git.example.com:x.git --path hosts/pc1";

let desk: Desk;
let folder: string;
before(async () => {
  desk = await Desk.open();
  folder = await mkdtemp(join(tmpdir(), "wctl-bootstrap-test-"));
  await writeFile(join(folder, "token"), "s3cret\n", { mode: 0o600 });
  await writeFile(join(folder, "open"), "s3cret\n", { mode: 0o644 });
  await writeFile(join(folder, "empty"), "\n", { mode: 0o600 });
  await desk.client.create(gitSources, {
    apiVersion: "wctl.dev/v1",
    kind: "GitSource",
    metadata: { name: "other", namespace: "default" },
    spec: { url: "https://git.example.com/y.git" },
  });
});
after(async () => {
  await desk.close();
  await rm(folder, { recursive: true, force: true });
});

describe("wctl bootstrap git", () => {
  const refused: [words: string, message: RegExp][] = [
    ["bootstrap git --path x", /--url and --path are required/],
    ["bootstrap git --url https://git.example.com/x.git", /--url and --path are required/],
    [`${HTTPS} more`, /unexpected argument "more"/],
    ["bootstrap git --url https://robot:s3cret@git.example.com/x --path x", /--url must not hold a password/],
    [`${HTTPS} --username robot`, /--username goes with --token-file or --token-stdin/],
    [`${HTTPS} --token-file DIR/token --token-stdin`, /give one of --token-file and --token-stdin/],
    [`${HTTPS} --ssh-key-file DIR/token --known-hosts-file DIR/token`, /--ssh-key-file is for a URL of ssh/],
    [`${SSH} --ssh-key-file DIR/token`, /--ssh-key-file and --known-hosts-file go together/],
    [`${SSH} --token-stdin`, /a repository over ssh takes --ssh-key-file/],
    [`${HTTPS} --token-file DIR/empty`, /empty is empty, and an empty token is none/],
    [`${HTTPS} --token-stdin`, /there is no token on standard input/],
    [`${HTTPS} --ca-file DIR/nowhere`, /cannot read ".*nowhere"/],
    [`${HTTPS} --secret-name nobody`, /secrets "nobody" is not there, and no credentials are given for it/],
    [`${HTTPS} --name other`, /gitsources.wctl.dev "other" follows the repository https:\/\/git.example.com\/y.git/],
    // No node has registered with this server.
    [`${HTTPS}/\${node.name}`, /the name of the host is not to be found/],
  ];
  for (const [words, message] of refused) {
    it(`refuses ${words}`, async () => {
      const { code, out, err } = await desk.wctl(words.replaceAll("DIR", folder));
      assert.deepEqual([code, out], [1, ""]);
      assert.match(err, message);
      assert.doesNotMatch(err, /s3cret/);
    });
  }

  it("reads no secret from a file that others read", {
    skip: process.platform === "win32" && "modes are of POSIX",
  }, async () => {
    const { code, err } = await desk.wctl(`${HTTPS} --token-file ${folder}/open`);
    assert.equal(code, 1);
    assert.match(err, /others can read or write it\nchmod 600/);
  });

  it("--export writes the first manifest and nothing else, and overwrites nothing", async () => {
    const line = `${HTTPS} --export ${folder}/clone`;
    const file = join(folder, "clone", "hosts", "pc1", "about.yaml");
    assert.deepEqual(await desk.wctl(line), { code: 0, out: `${file} written\n`, err: "" });
    assert.match(await readFile(file, "utf8"), /^# Written by wctl bootstrap git[\s\S]*\nkind: ConfigMap\n/);
    assert.equal((await desk.wctl(line)).out, `${file} unchanged\n`);
    await writeFile(file, "mine\n");
    assert.match((await desk.wctl(line)).err, /about\.yaml is there already, and says something else/);
    assert.equal(await readFile(file, "utf8"), "mine\n");
    assert.equal((await desk.client.list(gitSources, {})).items.length, 1);
  });
});
