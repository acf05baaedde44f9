import { ImportWalk, type Source } from "./import-walk.ts";

/** Modules of Node that leave nothing behind in their process but what keeps it running until it is closed (share-process.ts waits for that). Every other one is taken to change it. */
const harmless = new Set(
  (
    "assert assert/strict async_hooks buffer crypto dns dns/promises events fs fs/promises http http2 https net os path perf_hooks sea stream stream/consumers stream/promises " +
    "string_decoder test timers timers/promises tls url util worker_threads zlib"
  )
    .split(" ")
    .map((name) => `node:${name}`),
);
/** The same of packages. */
const harmlessPackages = new Set(
  "age-encryption ajv chokidar fast-check isomorphic-git openpgp prom-client rfc6902 semver winston yaml".split(" "),
);

/** Declares calls of Windows. Those that change the process that makes them are made by a process of their own (`runtime/win32/stop`). */
const WINDOWS_CALLS = "/runtime/win32/ffi/";

/** What says that a file changes what others in its process see, or measures the process itself. `message` is what the runner says (test/eventually.ts). */
const changes: readonly RegExp[] = [
  /\bprocess\.(?:chdir|umask|abort|exit|reallyExit|set\w+|setegid|stdin|memoryUsage|getActiveResourcesInfo)\(/,
  /\bprocess\.(?:on|once|addListener|prependListener)\((?!"message")/,
  /\bprocess\.(?:env\b(?:\.\w+|\[[^\]]*\])?|argv|emitWarning|exitCode|title)\s*=[^=]|\bdelete process\.|\b(?:Object|Reflect)\.(?:assign|defineProperty)\((?:process|globalThis|\w+\.prototype)\b/,
  /\b(?:globalThis|\w+\.prototype)\.\w+\s*=[^=>]|\bgc\?*\.?\(|\bsetFlagsFromString\b|\/proc\/self\b/,
  /^import \{[^}]*\bmock\b[^}]*\} from "node:test"/m,
];
/** A listener that the same file takes off again, by the same name. */
const TAKEN_BACK = /\bprocess\.once\(("\w+"), (\w+)\)(?=.*\bprocess\.off\(\1, \2\))/gs;
/** A hook outside of a suite. The formatter keeps such calls at the beginning of a line. */
const HOOK_OF_MODULE = /^(?:before|after|beforeEach|afterEach)\(/m;

/** `wctl daemon` alone goes through it. A test starts the daemon as a process, or builds it from its parts, which it imports. */
const DAEMON = "cmd/wctl/daemon.ts";

/** Whether a test file, or anything that it imports, changes its process for the files that come after it. In doubt it does. */
export const changesProcess = (project: string): ImportWalk => new ImportWalk(project, changesIt, [DAEMON]);

function changesIt({ path, code, imports }: Source): boolean {
  // A module runs once in a process, so its hooks would be those of the first file that imports it. A test file is imported once.
  if (HOOK_OF_MODULE.test(code) && !path.endsWith(".test.ts")) return true;
  const kept = code.replace(TAKEN_BACK, "");
  if (changes.some((pattern) => pattern.test(kept))) return true;
  return imports.some((name) => {
    if (name.startsWith(".")) return false;
    if (name === "koffi") return !path.replaceAll("\\", "/").includes(WINDOWS_CALLS);
    return name.startsWith("node:") ? !harmless.has(name) : !harmlessPackages.has(name);
  });
}
