import assert from "node:assert/strict";
import { isBuiltin } from "node:module";
import { describe, it } from "node:test";
import { type Import, importsOf, type Room, roomOf, type SourceFile, sourceFiles } from "./sources.ts";

// The floor plan (docs/architecture.md), and the walk that keeps it true. Imports go down, never up, never sideways.
const mayImport: Record<Room, Room[]> = {
  lib: [],
  api: ["lib"],
  store: ["api", "lib"],
  machinery: ["api", "lib"],
  runtime: ["api", "lib"],
  git: ["api", "lib"],
  apiserver: ["store", "api", "lib"],
  controllers: ["machinery", "runtime", "git", "api", "lib"],
  "cmd/wctl": ["git", "api", "lib"],
  "cmd/wctld": ["lib", "api", "store", "machinery", "runtime", "git", "apiserver", "controllers"],
};

/** Each package comes in by its own doors, so that it can be replaced there. */
const doors: Record<string, string[]> = {
  "age-encryption": ["api/sealing/"],
  chokidar: ["controllers/directory-source"],
  "isomorphic-git": ["git/repository"],
  koffi: ["runtime/posix/ffi", "runtime/win32/ffi"],
  openpgp: ["git/signatures/openpgp/"],
  "prom-client": ["apiserver/", "cmd/wctld/"],
  rfc6902: ["apiserver/"],
  semver: ["git/repository"],
  winston: ["lib/"],
  yaml: ["api/yaml/"],
};

/** The CLI hands over to the daemon in one place, lazily: its start-up pays nothing for it. */
const lazyDoor = { from: "cmd/wctl/daemon.ts", to: "cmd/wctld/main.ts" };

function broken({ path }: Pick<SourceFile, "path">, { target, isLazy }: Import): string | undefined {
  const room = roomOf(path)!;
  const neighbour = roomOf(target);
  if (neighbour === room || isBuiltin(target)) return undefined;
  if (isLazy && path === lazyDoor.from && target === lazyDoor.to) return undefined;
  if (neighbour !== undefined) {
    return mayImport[room].includes(neighbour) ? undefined : `${path} (${room}) imports ${target} (${neighbour})`;
  }
  const name = target.split("/", target.startsWith("@") ? 2 : 1).join("/");
  const open = doors[name] ?? [];
  if (open.some((door) => path.startsWith(door))) return undefined;
  return `${path} imports ${target}; its doors are: ${open.join(", ") || "none"}`;
}

/** Walks along every import once; a way that comes back to where it is walking is a cycle. */
function cycles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const seen = new Set<string>();
  const walk = (file: string, way: readonly string[]): void => {
    const at = way.indexOf(file);
    if (at !== -1) found.push(way.slice(at));
    if (seen.has(file)) return;
    seen.add(file);
    for (const target of imports.get(file) ?? []) walk(target, [...way, file]);
  };
  for (const file of imports.keys()) walk(file, []);
  return found;
}

/** Of each folder: which of its files and folders import which others of them. A folder imports what its files import. */
function neighbours(files: readonly Pick<SourceFile, "path" | "imports">[]): Map<string, Map<string, string[]>> {
  const folders = new Map<string, Map<string, string[]>>();
  for (const { path, imports } of files) {
    for (const { target, isLazy } of imports) {
      const [from, to] = [path.split("/"), target.split("/")];
      const depth = from.findIndex((part, index) => part !== to[index]);
      if (isLazy || depth < 1) continue;
      const folder = from.slice(0, depth).join("/");
      const imported = folders.get(folder) ?? new Map<string, string[]>();
      folders.set(folder, imported);
      const one = from.slice(0, depth + 1).join("/");
      imported.set(one, [...(imported.get(one) ?? []), to.slice(0, depth + 1).join("/")]);
    }
  }
  return folders;
}

describe("the floors", () => {
  it("are kept: imports go down, and packages come in by their doors", () => {
    const files = sourceFiles();
    assert.ok(files.length > 10, "the walk found the rooms");
    const problems = files.flatMap((file) => file.imports.map((wanted) => broken(file, wanted)));
    assert.deepEqual(
      problems.filter((problem) => problem !== undefined),
      [],
    );
  });

  it("hold no cycles: no file imports another that leads back to it", () => {
    const imports = new Map(
      sourceFiles().map(({ path, imports }) => [
        path,
        imports.filter(({ isLazy }) => !isLazy).map(({ target }) => target),
      ]),
    );
    assert.deepEqual(cycles(imports), []);
    const ring = new Map([
      ["a", ["b"]],
      ["b", ["c", "d"]],
      ["c", ["a"]],
      ["d", []],
    ]);
    assert.deepEqual(cycles(ring), [["a", "b", "c"]]);
  });

  it("hold no cycles of folders: what lies side by side in a folder does not lead back to itself", () => {
    const found = [...neighbours(sourceFiles())];
    assert.ok(found.some(([folder]) => folder === "cmd/wctl/verbs/describe"));
    for (const [folder, imports] of found) assert.deepEqual(cycles(imports), [], folder);
    const files = [
      { path: "a/b/one.ts", imports: [{ target: "a/c/two.ts", isLazy: false }] },
      { path: "a/c/other.ts", imports: [{ target: "a/b/three.ts", isLazy: false }] },
    ];
    assert.deepEqual(cycles(neighbours(files).get("a")!), [["a/b", "a/c"]]);
  });

  it("keep the verbs apart: only the verb table knows them", () => {
    const folderOf = (path: string): string | undefined => /^cmd\/wctl\/verbs\/[^/]+\//.exec(path)?.[0];
    const knows = ({ path, imports }: Pick<SourceFile, "path" | "imports">): string[] =>
      imports
        .filter(({ target }) => folderOf(target) !== undefined && folderOf(target) !== folderOf(path))
        .map(({ target }) => `${path} imports ${target}`);
    const files = sourceFiles();
    const table = files.find(({ path }) => path === "cmd/wctl/verb-table.ts")!;
    assert.ok(knows(table).length > 20);
    assert.deepEqual(files.filter((file) => file !== table).flatMap(knows), []);
    const imports = importsOf("cmd/wctl/verbs/why/why.ts", 'import { get } from "../get/get.ts";');
    assert.equal(knows({ path: "cmd/wctl/verbs/why/why.ts", imports }).length, 1);
  });

  const cases: [path: string, code: string, isBroken: boolean][] = [
    ["store/watch-hub.ts", 'import type { Key } from "../api/object.ts";', false],
    ["store/watch-hub.ts", 'import { Controller } from "../machinery/controller.ts";', true],
    ["api/key.ts", 'import {\n  a,\n  b,\n} from "../store/store.ts";', true],
    ["lib/clock.ts", 'import "node:fs";', false],
    ["lib/clock.ts", 'import "../api/object.ts";', true],
    ["api/key.ts", 'export * from "../runtime/runtime.ts";', true],
    ["cmd/wctl/verbs/get/get.ts", 'const x = await import("../../../../store/store.ts");', true],
    ["cmd/wctl/daemon.ts", 'const x = await import("../wctld/main.ts");', false],
    ["cmd/wctl/daemon.ts", 'import { main } from "../wctld/main.ts";', true],
    ["cmd/wctl/verbs/get/get.ts", 'const x = await import("../../../wctld/main.ts");', true],
    ["runtime/posix/ffi/libc.ts", 'import koffi from "koffi";', false],
    ["runtime/posix/process/spawn.ts", 'import koffi from "koffi";', true],
    ["apiserver/schema.ts", 'import * as patch from "rfc6902/patch.js";', false],
    ["api/schema.ts", 'import { applyPatch } from "rfc6902";', true],
    ["lib/logger.ts", 'import { x } from "left-pad";', true],
  ];
  for (const [path, code, isBroken] of cases) {
    it(`${isBroken ? "refuse" : "allow"} in ${path}: ${code.replaceAll("\n", " ")}`, () => {
      const imports = importsOf(path, code);
      assert.equal(imports.length, 1);
      assert.equal(broken({ path }, imports[0]!) !== undefined, isBroken);
    });
  }
});
