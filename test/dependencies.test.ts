import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

const read = (name: string): string => readFileSync(join(import.meta.dirname, "..", name), "utf8");

interface Locked {
  resolved?: string;
  integrity?: string;
  hasInstallScript?: boolean;
}

const page = read("docs/dependencies.md");
const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read("package.json")) as Record<
  string,
  Record<string, string>
>;
const direct = { ...dependencies, ...devDependencies, ...optionalDependencies };
const lockedIn = (file: string): [path: string, Locked][] => {
  const { packages } = JSON.parse(read(file)) as { packages: Record<string, Locked> };
  return Object.entries(packages).filter(([path]) => path !== "");
};
const locked = lockedIn("package-lock.json");
/** What only tests need is no part of the project's own. */
const lockedForTests = lockedIn("test/clients/client-node/package-lock.json");

describe("the packages from others", () => {
  it("are of one exact version each", () => {
    const loose = Object.entries(direct).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    assert.deepEqual(loose, []);
  });

  it("are known by their hashes, whichever registry hands them out; no address is locked", () => {
    assert.ok(locked.length > 50 && lockedForTests.length > 50);
    const others = [...locked, ...lockedForTests].filter(
      ([, { resolved, integrity }]) => resolved !== undefined || !integrity?.startsWith("sha512-"),
    );
    assert.deepEqual(others, []);
  });

  it("run nothing when they are installed; those that would are three, and known", () => {
    assert.match(read(".npmrc"), /^ignore-scripts=true$/m);
    assert.match(read("scripts/setup.mjs"), /"ci", "--ignore-scripts"/);
    assert.match(read("scripts/clients/client-node.ts"), /"--ignore-scripts"/);
    assert.deepEqual(
      lockedForTests.filter(([, { hasInstallScript }]) => hasInstallScript),
      [],
    );
    const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path);
    assert.deepEqual(scripted.toSorted(), [
      "node_modules/esbuild",
      "node_modules/koffi",
      "node_modules/tree-sitter-powershell",
    ]);
  });

  it("have a row each in docs/dependencies.md, which names no other", () => {
    const rows = [...page.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, names]) => names!.trim().split(", "));
    const named = rows.filter((name) => name !== "package" && !/^-+$/.test(name));
    assert.deepEqual(named.toSorted(), Object.keys(direct).toSorted());
  });
});
