import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { execa } from "execa";

const project = join(import.meta.dirname, "../..");

describe("types that are stripped once", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "wctl-strip-"));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const preload = pathToFileURL(join(project, "scripts/test/strip-once.mjs")).href;
  const keptOf = (source: string): string =>
    join(project, "build/stripped", process.version, `${hash("sha1", source)}.js`);

  const run = async (t: { after(done: () => void): void }, source: string, options = [`--import=${preload}`]) => {
    const path = join(folder, "program.ts");
    writeFileSync(path, source);
    t.after(() => rmSync(keptOf(source), { force: true }));
    return execa(process.execPath, ["--disable-warning=ExperimentalWarning", ...options, path], { reject: false });
  };

  it("are stripped as Node strips them, every line and column where it was, and kept", async (t) => {
    const source = `// ${folder}\nconst at = (x: number): string => new Error(\`\${x}\`).stack!;\nconsole.log(at(1 as number));\n`;
    const plain = await run(t, source, []);
    assert.match(plain.stdout, /program\.ts:3:\d+/);
    const placesOf = (text: string): string[] => text.match(/program\.ts:\d+:\d+/g) ?? [];
    for (const time of ["first", "second"]) {
      assert.deepEqual(placesOf((await run(t, source)).stdout), placesOf(plain.stdout), time);
    }
    assert.equal(readFileSync(keptOf(source), "utf8"), stripTypeScriptTypes(source));
  });

  it("are taken from what was kept, by content", async (t) => {
    const source = `// ${folder}\nconsole.log("source" as string);`;
    await run(t, source);
    writeFileSync(keptOf(source), 'console.log("kept");');
    assert.equal((await run(t, source)).stdout, "kept");
    assert.equal((await run(t, `${source}\n`)).stdout, "source");
  });

  it("say what Node says of syntax that can't be stripped, and nothing is kept", async (t) => {
    const source = `// ${folder}\nenum No { A }`;
    const { stderr, exitCode } = await run(t, source);
    assert.equal(exitCode, 1);
    assert.match(stderr, /ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX/);
    assert.ok(!existsSync(keptOf(source)));
  });
});
