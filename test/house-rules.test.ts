import assert from "node:assert/strict";
import { basename } from "node:path";
import { describe, it } from "node:test";
import * as nouns from "../api/scheme.ts";
import { roomOf, type SourceFile, sourceFiles } from "./sources.ts";

interface Rule {
  says: string;
  breaks(file: SourceFile): boolean;
  example: string;
  /** Where the example stands. */
  path?: string;
}

const platformIsChosenIn = ["cmd/wctld/platform.ts", "lib/worker.ts"];

/** Where the API server may know one kind from another: what each means, views of some, who may do what, and that Objects live in a Namespace. */
const knowKinds = /^apiserver\/(kinds|views|authorization|rbac)\/|^apiserver\/registry\/namespace-lifecycle\.ts$/;
const { scheme } = nouns;
const kindNames = scheme.map(({ kind }) => kind).join("|");
const asksForKind = new RegExp(`([!=]==|case|\\[)\\s*["'](${kindNames})["']|["'](${kindNames})["']\\s*[!=]==`);
const isOneKind = (name: string): boolean => scheme.includes(Reflect.get(nouns, name));

const rules: Rule[] = [
  {
    says: "there is no shell: `shell: true` is not used (docs: promise P21)",
    breaks: ({ text }) => /\bshell\s*:\s*true\b|\b(spawn|execFile|execa)\w*\([^;]*\bshell\s*:/.test(text),
    example: 'spawn("x", [], { shell: true })',
  },
  {
    says: "there is no shell: exec and execSync of child_process are not used",
    breaks: ({ text }) =>
      /import\s*\{[^}]*\bexec(Sync)?\b[^}]*\}\s*from\s*["'](node:)?child_process["']/.test(text) ||
      /\b(child_process|childProcess|cp)\.exec(Sync)?\(/.test(text),
    example: 'import { spawn, exec } from "node:child_process";',
  },
  {
    says: "the platform is chosen once, in cmd/wctld/platform.ts",
    breaks: ({ path, text }) =>
      roomOf(path) !== undefined &&
      !platformIsChosenIn.includes(path) &&
      /\bprocess\.platform\b|\bos\.platform\(/.test(text),
    example: 'if (process.platform === "win32") {}',
  },
  {
    says: "node:sqlite comes in by one door, store/sqlite/node-sqlite.ts",
    breaks: ({ path, text }) =>
      roomOf(path) !== undefined && path !== "store/sqlite/node-sqlite.ts" && /["']node:sqlite["']/.test(text),
    example: 'import { DatabaseSync } from "node:sqlite";',
  },
  {
    says: "nobody in the process is an administrator: controllers have Clients in their own names",
    breaks: ({ path, text }) => /^(controllers|machinery|cmd\/wctld)\//.test(path) && /system:masters/.test(text),
    example: 'clientOf({ name: "me", groups: ["system:masters"] })',
    path: "cmd/wctld/x.ts",
  },
  {
    says: "what a kind means to the API server is said in apiserver/kinds/: elsewhere in it no kind has a name",
    breaks: ({ path, text }) =>
      roomOf(path) === "apiserver" &&
      !knowKinds.test(path) &&
      (asksForKind.test(text) ||
        [...text.matchAll(/import \{([^}]*)\} from "[./]*\/api\/scheme\.ts"/g)].some(([, names = ""]) =>
          names.split(",").some((name) => isOneKind(name.trim())),
        )),
    example: 'if (object.kind === "Process") {}',
    path: "apiserver/x.ts",
  },
  {
    says: "files are named in kebab-case",
    breaks: ({ path }) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.ts$/.test(basename(path)),
    example: "",
  },
  {
    says: "nothing is put off in a comment, and no test is switched off or singled out",
    breaks: ({ text }) => /\/\/.*\b(TODO|FIXME|XXX)\b|\b(it|test|describe)\.(only|skip|todo)\(/.test(text),
    example: 'it.skip("later", () => {});',
  },
];

describe("the house rules", () => {
  const own = ["test/house-rules.test.ts"];
  const files = sourceFiles("{lib,api,store,machinery,runtime,apiserver,controllers,cmd,scripts,schemas,test}/**/*.ts");
  const checked = files.filter(({ path }) => !own.includes(path));
  for (const { says, breaks, example, path = "api/Not_Kebab.ts" } of rules) {
    it(says, () => {
      assert.ok(breaks({ path, text: example, imports: [] }), "the rule sees its own example");
      assert.deepEqual(
        checked.filter(breaks).map(({ path }) => path),
        [],
      );
    });
  }
});
