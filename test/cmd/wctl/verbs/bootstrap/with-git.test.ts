import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";

const room = (path: string): string => JSON.stringify(new URL(`../../../../../${path}`, import.meta.url).href);
const script = (end: string): string => `
  import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
  import { tmpdir } from "node:os";
  import { join } from "node:path";
  import { systemClock } from ${room("lib/clock.ts")};
  import { withGit } from ${room("cmd/wctl/verbs/bootstrap/with-git.ts")};
  await withGit(systemClock, async () => {
    const [folder] = readdirSync(tmpdir());
    mkdirSync(join(tmpdir(), folder, "copy.ssh"));
    writeFileSync(join(tmpdir(), folder, "copy.ssh", "identity"), "a key");
    console.log(folder);
    ${end}
  });`;

describe("the folder of a beginning", () => {
  let temp: string;
  before(() => {
    temp = mkdtempSync(join(tmpdir(), "wctl-with-git-"));
  });
  after(() => rmSync(temp, { recursive: true, force: true }));

  for (const [how, end] of [
    ["in the end", ""],
    ["on Ctrl-C, with the key in it", "process.exit(0);"],
  ] as const) {
    it(`goes ${how}`, async () => {
      const env = { ...process.env, TMPDIR: temp, TEMP: temp, TMP: temp };
      const words = ["--no-warnings", "--input-type=module", "--eval", script(end)];
      const { stdout } = await promisify(execFile)(process.execPath, words, { env });
      assert.match(stdout, /^wctl-bootstrap-\w+\r?\n$/);
      assert.deepEqual(readdirSync(temp), []);
    });
  }
});
