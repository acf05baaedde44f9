import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { wctlVersion as version } from "../../lib/version.ts";
import type { Bundle } from "./bundle.ts";
import { linuxProgram } from "./linux-program.ts";
import type { Target } from "./target.ts";
import { windowsProgram } from "./windows-program.ts";

/**
 * Node options of the finished program. They are fixed in it, and NODE_OPTIONS is not read: nobody's environment can
 * open an inspector in the daemon or load code into it. Options of V8's heap stay out: with any of them V8 refuses the code caches that Node
 * itself brings, which costs every command of the CLI 10 ms.
 */
const execArgv = ["--disable-warning=ExperimentalWarning", "--disable-sigusr1"];

const PIECE = 64 * 1024;

/** OPENSSL_CONF could name a library that is loaded into the daemon; a file that is named here wins, and this one is empty everywhere. */
const emptyFile = ({ platform }: Target): string => (platform === "win32" ? "NUL" : "/dev/null");

/** Writes the executable `out`: a copy of the target's Node with the bundle inside. A running `out` goes on undisturbed. */
export async function makeExecutable(bundle: Bundle, out: string, target: Target): Promise<void> {
  const work = `${out}.work`;
  rmSync(work, { recursive: true, force: true });
  const blob = await makeBlob(bundle, work, target);
  const draft = join(work, "draft");
  if (target.platform === "win32") {
    const program = windowsProgram({ node: readFileSync(target.node), blob: readFileSync(blob), version });
    writeFileSync(draft, program, { mode: 0o755 });
    setAside(out);
  } else {
    const node = await stripped(target.node, draft);
    writeInPieces(draft, linuxProgram(readFileSync(node), readFileSync(blob)));
  }
  renameSync(draft, out);
  rmSync(work, { recursive: true });
}

/**
 * Linux keeps what is written at once in large pieces of its page cache, and who touches a page has the piece around it in memory: a daemon of a program
 * that was just built had 10 MB more.
 */
function writeInPieces(file: string, bytes: Buffer): void {
  const fd = openSync(file, "w", 0o755);
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, Math.min(PIECE, bytes.length - at));
  closeSync(fd);
}

/** Windows lets a running program be renamed, not replaced. What was set aside before goes when nobody runs it any more. */
function setAside(out: string): void {
  const aside = `${out}.old`;
  rmSync(aside, { force: true });
  if (existsSync(out)) renameSync(out, aside);
}

/** Two builds of the same sources are the same: paths that go into the blob are relative, and V8's hashes get a fixed seed. */
async function makeBlob(bundle: Bundle, work: string, target: Target): Promise<string> {
  const put = (name: string, bytes: string | Uint8Array): string => {
    const path = join(work, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    return name;
  };
  const node = (...args: string[]) => execa(process.execPath, ["--random-seed=1", ...args], { cwd: work, all: true });
  const scripts = [...bundle.parts].map(([name, bytes]) => put(name, bytes));
  const others = [...bundle.assets].map(([name, bytes]) => put(name, bytes));
  if (target.codeCache) await node(join(import.meta.dirname, "code-cache.ts"), ...scripts);
  const caches = target.codeCache ? scripts.map((name) => `${name}.cache`) : [];
  const names = [...scripts, ...caches, ...others];
  const config = {
    main: put("boot.js", bundle.boot),
    output: "blob",
    disableExperimentalSEAWarning: true,
    useCodeCache: target.codeCache,
    execArgv: [...execArgv, `--openssl-config=${emptyFile(target)}`],
    execArgvExtension: "none",
    assets: Object.fromEntries(names.map((name) => [name, name])),
  };
  await node("--experimental-sea-config", put("sea.json", JSON.stringify(config)));
  return join(work, config.output);
}

/** Node's symbol table is 18 MB that the program never reads. Where there is no `strip` the file is only larger. Resolves with the file to take. */
async function stripped(node: string, out: string): Promise<string> {
  const { failed, code, message } = await execa("strip", ["-o", out, node], { reject: false });
  if (failed && code !== "ENOENT") throw new Error(message);
  return failed ? node : out;
}
