import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { systemClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/logger.ts";
import { loadWinapi, type Winapi } from "../../runtime/win32/ffi/winapi.ts";
import { encodeSid } from "../../runtime/win32/security/sid.ts";
import { Token } from "../../runtime/win32/security/token.ts";
import { Win32Runtime } from "../../runtime/win32/win32-runtime.ts";
import { endAll } from "../runtime/end-all.ts";
import { Observer } from "../runtime/observer.ts";
import { launchSpec } from "../runtime/specs.ts";
import { isWindows } from "./platform.ts";
import { fixture, makeWin32Harness, type Win32Harness } from "./win32-harness.ts";

const skip = isWindows ? false : "needs Windows: make test-windows";
const ANNA = "S-1-5-21-1-2-3-1001";
const PROFILE = 0x7777n;

/** This system, on which CORP\anna can log on with the password "right": she gets a copy of our own token. */
function withAnna(): { api: Winapi; told: string[] } {
  const system = loadWinapi();
  const told: string[] = [];
  let code: number | undefined;
  const api: Winapi = {
    ...system,
    GetLastError: () => code ?? system.GetLastError(),
    AdjustTokenPrivileges: () => {
      code = 0;
      return 1;
    },
    LookupAccountNameW: (_system, name, sid) => {
      assert.equal(name, "CORP\\anna");
      return encodeSid(ANNA).copy(sid) > 0 ? 1 : 0;
    },
    LogonUserW: (user, domain, password, type, provider, out) => {
      const isRight = password?.toString("utf16le") === "right\0";
      told.push(`logon ${domain}\\${user} ${type} ${provider} ${isRight ? "right" : "wrong"}`);
      code = isRight ? 0 : 1326;
      if (!isRight) return 0;
      const own = Token.ofProcess(system);
      out.writeBigUInt64LE(BigInt(own.primary().handle));
      own.close();
      return 1;
    },
    LoadUserProfileW: (_token, info) => {
      told.push("profile loaded");
      info.writeBigUInt64LE(PROFILE, 48);
      return 1;
    },
    UnloadUserProfile: (_token, profile) => {
      assert.equal(BigInt(profile), PROFILE);
      told.push("profile unloaded");
      return 1;
    },
  };
  // What the others answer is theirs to explain.
  for (const name of ["CreateProcessAsUserW", "CreateFileW", "GetTokenInformation", "CreateRestrictedToken"] as const) {
    const call = system[name] as (...args: unknown[]) => number;
    Object.assign(api, {
      [name]: (...args: unknown[]) => {
        code = undefined;
        return call(...args);
      },
    });
  }
  return { api, told };
}

describe("a workload of another account on Windows", { skip }, () => {
  let harness: Win32Harness;
  let anna: ReturnType<typeof withAnna>;
  let runtime: Win32Runtime;
  let seen: Observer;
  beforeEach(async () => {
    harness = makeWin32Harness();
    anna = withAnna();
    await open();
  });
  afterEach(async () => {
    await endAll(runtime);
    await runtime.close();
    await harness.dispose();
  });

  async function open(): Promise<void> {
    const { dataDir } = harness;
    runtime = await Win32Runtime.open({ dataDir, clock: systemClock, logger: silentLogger, api: anna.api });
    seen = new Observer(runtime);
    await runtime.recover();
  }

  const spec = (password = "right") =>
    launchSpec({ uid: "a", ...fixture("runs-forever"), runAs: { account: "CORP\\anna", password } });

  it("logs on, has its profile while anything of its tree lives, and probes need no logon", async () => {
    await runtime.start(spec());
    assert.deepEqual(anna.told, ["logon CORP\\anna 5 0 right", "profile loaded"]);
    const command = [process.execPath, "-e", "console.log('here')"];
    const { output } = await runtime.exec("a", command, { timeoutMs: 20_000, maxOutput: 100 });
    assert.equal(output, "here\n");
    assert.equal(anna.told.length, 2);
    await runtime.kill("a");
    await seen.saw("tree-ended", "a");
    assert.deepEqual(anna.told.slice(2), ["profile unloaded"]);
  });

  it("keeps its profile when only the daemon goes", async () => {
    await runtime.start(spec());
    await runtime.close();
    assert.deepEqual(anna.told, ["logon CORP\\anna 5 0 right", "profile loaded"]);
    await open();
    assert.equal(runtime.get("a")?.phase, "running");
  });

  it("that could not be started leaves no profile and no run", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wctl-anna-"));
    const command = join(folder, "not-a-program.exe");
    writeFileSync(command, "rubbish");
    await assert.rejects(runtime.start({ ...spec(), command }), { reason: "NotExecutable" });
    assert.deepEqual(anna.told, ["logon CORP\\anna 5 0 right", "profile loaded", "profile unloaded"]);
    assert.deepEqual([runtime.get("a"), await runtime.runs("a")], [undefined, []]);
    rmSync(folder, { recursive: true });
  });

  it("with a wrong password is tried once, and with the right one at once", async () => {
    await assert.rejects(runtime.start(spec("wrong")), { reason: "LogonFailed", message: /password is wrong/ });
    await assert.rejects(runtime.start(spec("wrong")), { reason: "LogonFailed", message: /not tried again before/ });
    await runtime.start(spec());
    const wrong = "logon CORP\\anna 5 0 wrong";
    assert.deepEqual(anna.told, [wrong, "logon CORP\\anna 5 0 right", "profile loaded"]);
  });

  it("leaves its password in no file of the data directory", async () => {
    await runtime.start(spec());
    const record = join(harness.dataDir, "instances", "a", "run-1.jsonl");
    const text = readFileSync(record, "utf8");
    assert.match(text, /"rights":\{"integrityLevel":"Medium","desktop":""\}/);
    assert.doesNotMatch(text, /"right"|password/);
  });
});
