import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import type { Target } from "./target.ts";

/** Name of an asset in the executable -> its bytes. */
export type Assets = Map<string, Uint8Array>;

export interface Bundle {
  /** The script that Node starts: boot.ts. */
  boot: Uint8Array;
  /** The scripts that boot.ts loads with a code cache. */
  parts: Assets;
  /** Workers and native addons. */
  assets: Assets;
}

const rooms = ["lib", "api", "store", "machinery", "runtime", "git", "apiserver", "controllers", "cmd"];

/** Everything that goes into the executable, made from the sources below `root` with the packages in `modules`. */
export async function bundle(root: string, modules: string, target: Target): Promise<Bundle> {
  const addon = koffiAddon(target);
  const plugins = [daemonApart, koffiFromAsset(addon.name, modules)];
  const script = async (entry: string, options: BuildOptions = {}): Promise<Uint8Array> => {
    const { outputFiles } = await build({
      ...common,
      ...options,
      absWorkingDir: root,
      entryPoints: [entry],
      plugins: options.plugins ?? plugins,
      write: false,
    });
    return outputFiles[0]!.contents;
  };
  const seldom = new Map<string, string>();
  const parts: Assets = new Map([
    ["wctl.js", await script("cmd/wctl/main.ts", { ...wrapped, plugins: [seldomApart(seldom), ...plugins] })],
    ["wctld.js", await script("cmd/wctld/main.ts", wrapped)],
  ]);
  for (const [name, entry] of [...seldom].sort()) parts.set(name, await script(entry, wrapped)); // found in any order
  const assets: Assets = new Map([[addon.name, addon.bytes]]);
  for (const file of workers(root, target)) {
    assets.set(`workers/${basename(file, ".ts")}.js`, await script(file));
  }
  return { boot: await script(join(import.meta.dirname, "boot.ts")), parts, assets };
}

const common = {
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node22",
  // Names stay and lines are short, so that a stack trace can be read. V8 keeps the whole text in memory, so blanks are left out.
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 120,
  legalComments: "none",
  charset: "ascii",
  logLevel: "warning",
  // A script in the executable has no address but the executable's; what asks for a neighbour finds an asset by its name.
  define: {
    "import.meta.url": "wctlUrl",
    "import.meta.filename": "process.execPath",
    "import.meta.dirname": "wctlDirectory",
    __filename: "process.execPath",
    __dirname: "wctlDirectory",
  },
  banner: {
    js: `const wctlUrl = require("node:url").pathToFileURL(process.execPath).href;
const wctlDirectory = require("node:path").dirname(process.execPath);`,
  },
  // import() of a bundled or built-in module becomes a lazy require.
  supported: { "dynamic-import": false },
} as const satisfies BuildOptions;

const wrapped: BuildOptions = {
  banner: { js: `(function (exports, require, module) {${common.banner.js}` },
  footer: { js: "})" },
};

/** What few verbs of the CLI need, and what shares no module with the rest of it. */
const SELDOM = /^(?:yaml|age-encryption)$|\/schemas\.generated\.ts$/;

/** A command does not read a word of it until it needs it: all of it is as long as the rest. `found`: name of the part -> what is in it. */
const seldomApart = (found: Map<string, string>): Plugin => ({
  name: "seldom-apart",
  setup({ onResolve }) {
    onResolve({ filter: SELDOM }, ({ path, resolveDir }) => {
      const name = `${basename(path, ".generated.ts")}.js`;
      found.set(name, path.startsWith(".") ? join(resolveDir, path) : path);
      return { path: `part:${name}`, external: true };
    });
  },
});

/** The CLI reaches the daemon by one lazy import; it becomes a part of its own. */
const daemonApart: Plugin = {
  name: "daemon-apart",
  setup({ onResolve }) {
    onResolve({ filter: /\/wctld\/main\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "part:wctld.js", external: true } : undefined,
    );
  },
};

/** koffi looks for its addon in node_modules; in the executable the addon is an asset. koffi's own code stays as it is. */
function koffiFromAsset(asset: string, modules: string): Plugin {
  const loader = join(import.meta.dirname, "../../lib/native-addon.ts");
  return {
    name: "koffi-from-asset",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^koffi$/ }, () => ({ path: join(modules, "koffi/index.cjs") }));
      onResolve({ filter: /static\.cjs$/ }, ({ importer }) =>
        importer.includes("koffi") ? { path: "static", namespace: "koffi" } : undefined,
      );
      onLoad({ filter: /.*/, namespace: "koffi" }, () => ({
        resolveDir: modules,
        contents: `
          const { loadAddon } = require(${JSON.stringify(loader)});
          const { getRawAsset } = require("node:sea");
          exports.loadStatic = () => loadAddon(${JSON.stringify(asset)}, Buffer.from(getRawAsset(${JSON.stringify(asset)})));`,
      }));
    },
  };
}

function koffiAddon({ platform, arch, modules }: Target): { name: string; bytes: Uint8Array } {
  const bytes = readFileSync(join(modules, `@koromix/koffi-${platform}-${arch}/${platform}_${arch}/koffi.node`));
  return { name: `koffi-${createHash("sha256").update(bytes).digest("hex").slice(0, 32)}`, bytes };
}

/** `*-worker.ts` files, as `lib/worker.ts` starts them: by base name, which therefore must be unique among those of one platform. */
function workers(root: string, { platform }: Target): string[] {
  const foreign = platform === "win32" ? "runtime/posix/" : "runtime/win32/";
  const files = rooms
    .flatMap((room) => filesBelow(join(root, room)))
    .filter((file) => file.endsWith("-worker.ts") && !relative(root, file).replaceAll("\\", "/").startsWith(foreign));
  const names = files.map((file) => basename(file));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`two workers are called ${twice}; their names must differ`);
  return files.map((file) => `./${relative(root, file)}`);
}

function filesBelow(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: "utf8" }).map((file) => join(directory, file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
