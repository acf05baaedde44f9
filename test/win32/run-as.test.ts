import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { LaunchSpec, RunAs } from "../../runtime/runtime.ts";
import { LOCAL } from "../../runtime/win32/accounts/authority.ts";
import { grantServiceLogon } from "../../runtime/win32/accounts/grant-logon.ts";
import { enablePrivileges } from "../../runtime/win32/accounts/privileges.ts";
import { restrictToken } from "../../runtime/win32/accounts/restrict-token.ts";
import { CallsInWorker } from "../../runtime/win32/blocking-calls.ts";
import { CallsByAuthority } from "../../runtime/win32/calls-by-authority.ts";
import { loadWinapi } from "../../runtime/win32/ffi/winapi.ts";
import { decodeSid, LOCAL_SYSTEM } from "../../runtime/win32/security/sid.ts";
import { Token } from "../../runtime/win32/security/token.ts";
import type { Win32Runtime } from "../../runtime/win32/win32-runtime.ts";
import { endAll } from "../runtime/end-all.ts";
import { Observer } from "../runtime/observer.ts";
import { launchSpec } from "../runtime/specs.ts";
import { isWindows, isWine } from "./platform.ts";
import { fixture, makeWin32Harness, type Win32Harness } from "./win32-harness.ts";

const skip = isWindows ? false : "needs Windows: make test-windows";

/** What Wine shows of it: that the calls are made, and that a process is created by them. What they take away it does not enforce. */
describe("a workload on Windows, started as somebody", { skip }, () => {
  let harness: Win32Harness;
  let runtime: Win32Runtime;
  let seen: Observer;
  let starts = 0;
  before(async () => {
    harness = makeWin32Harness();
    runtime = await harness.open();
    seen = new Observer(runtime);
    await runtime.recover();
  });
  afterEach(async () => {
    await endAll(runtime);
  });
  after(async () => {
    await runtime.close();
    await harness.dispose();
  });

  const started = async (runAs: RunAs | undefined, more: Partial<LaunchSpec> = {}) => {
    const uid = `run-as-${++starts}`;
    const spec = { ...fixture("prints-environment"), ...(runAs && { runAs }), ...more };
    const state = await runtime.start(launchSpec({ uid, ...spec }));
    const { exit } = await seen.saw("tree-ended", uid).then(() => seen.saw("exited", uid));
    assert.equal(exit.code, 0, harness.output(uid));
    return { output: harness.output(uid), state };
  };

  const asked: RunAs[] = [
    {},
    { keepPrivileges: ["SeShutdownPrivilege"] },
    { removePrivileges: ["SeDebugPrivilege"] },
    { writeRestricted: true },
    { denyOnlyGroups: ["S-1-5-32-545", "BUILTIN\\Guests"] },
    { integrityLevel: "Low" },
    { mitigations: ["NoExtensionPoints", "StrictHandles", "NoRemoteImages"] },
    { writeRestricted: true, integrityLevel: "Medium", mitigations: ["NoChildProcess"], keepPrivileges: [] },
  ];
  for (const runAs of asked) {
    it(`${JSON.stringify(runAs)} runs, with the variables of its account`, async () => {
      const { output, state } = await started(runAs);
      const variables = JSON.parse(output) as Record<string, string>;
      for (const name of ["SystemRoot", "USERPROFILE", "APPDATA", "TEMP"]) assert.ok(name in variables, name);
      for (const { field, reason } of state.unenforced) assert.ok(reason.length > 0, field);
    });
  }

  it("the account of the daemon by its name is the daemon's own", async () => {
    const { output } = await started({ account: `.\\${process.env.USERNAME}` });
    assert.ok("USERPROFILE" in (JSON.parse(output) as object));
  });

  it("and what can't be had is refused with a reason, and leaves nothing", async () => {
    const cases: [RunAs, string, RegExp][] = [
      [{ account: "LocalSystem" }, "AccountNotAllowed", /allowPrivileged: true/],
      [{ account: "NT AUTHORITY\\SYSTEM" }, "AccountNotAllowed", /allowPrivileged: true/],
      [{ account: "no-such-user", password: "x" }, "AccountNotFound", /does not exist/],
      [{ account: "NT SERVICE\\no-such-service" }, "AccountNotFound", /sc query no-such-service/],
      [{ denyOnlyGroups: ["no-such-group"] }, "InvalidArgument", /no group no-such-group/],
      [{ keepPrivileges: ["SeNoSuchPrivilege"] }, "InvalidArgument", /knows no such privilege/],
    ];
    for (const [runAs, reason, message] of cases) {
      const spec = launchSpec({ uid: "never", ...fixture("runs-forever"), runAs });
      await assert.rejects(runtime.start(spec), { name: "StartError", reason, message });
      assert.equal(runtime.get("never"), undefined);
      assert.deepEqual(await runtime.runs("never"), []);
    }
  });

  it("another account is refused to a daemon without the privileges for it", {
    skip: !isWine && "an administrator has more",
  }, async () => {
    const spec = launchSpec({ uid: "never", ...fixture("runs-forever"), runAs: { account: "NetworkService" } });
    await assert.rejects(runtime.start(spec), {
      reason: "AccountNotAllowed",
      message: /lacks SeAssignPrimaryTokenPrivilege.*NETWORK SERVICE.*wctl service install/,
    });
    assert.equal(runtime.get("never"), undefined);
  });

  it("probes have the same rights, before and after a daemon's restart", async () => {
    const spec = { ...fixture("runs-forever"), runAs: { integrityLevel: "Medium", keepPrivileges: [] } as const };
    const launch = launchSpec({ uid: "probed", ...spec });
    await runtime.start(launch);
    const options = { timeoutMs: 20_000, maxOutput: 1_000 };
    const command = [process.execPath, "-e", "console.log(process.env.USERPROFILE)"];
    const before = await runtime.exec("probed", command, options);
    assert.equal(before.code, 0);
    assert.match(before.output, /^[A-Z]:\\/);
    await runtime.close();
    runtime = await harness.open();
    seen = new Observer(runtime);
    await runtime.recover();
    runtime.resolveWith(() => launch);
    assert.deepEqual(await runtime.exec("probed", command, options), before);
  });

  it("the parts of Windows are asked and answer", async () => {
    const api = loadWinapi();
    const own = Token.ofProcess(api);
    assert.match(own.user, /^S-1-5-(21-|18$)/);
    assert.notEqual(own.user, LOCAL_SYSTEM);
    assert.ok(own.groups().some(({ sid }) => sid === "S-1-1-0"));
    assert.ok(own.privileges().length > 0);
    const copy = restrictToken(api, own, { writeRestricted: true, denyOnlyGroups: ["S-1-5-32-545"] }, "uid-1");
    assert.equal(copy.user, own.user);
    copy.close();
    own.close();
    assert.deepEqual([...enablePrivileges(api, ["SeChangeNotifyPrivilege"])], []);
    assert.deepEqual([...enablePrivileges(api, ["SeCreateTokenPrivilege"])], ["SeCreateTokenPrivilege"]);
  });

  it("slow calls are made elsewhere, answer with the code of their own thread, and can be ended", async () => {
    const api = loadWinapi();
    const slow = new CallsByAuthority(() => new CallsInWorker(api));
    const look = async (name: string) => {
      const [sid, size] = [Buffer.alloc(68), Buffer.from([68, 0, 0, 0])];
      const [domain, length, use] = [Buffer.alloc(512), Buffer.from([0, 1, 0, 0]), Buffer.alloc(4)];
      const { value, code } = await slow.call(LOCAL, "LookupAccountNameW", [
        null,
        name,
        sid,
        size,
        domain,
        length,
        use,
      ]);
      return value ? decodeSid(sid) : code;
    };
    const found = await Promise.all(["LocalService", "no-such-user", "BUILTIN\\Administrators"].map(look));
    assert.deepEqual(found, ["S-1-5-19", 1332, "S-1-5-32-544"]);
    await slow.close();
  });

  it("the right to log on is asked for by name", async () => {
    assert.match(await grantServiceLogon(loadWinapi(), "NetworkService"), /network.?service$/i);
    await assert.rejects(grantServiceLogon(loadWinapi(), "no-such-user"), { code: 1332 });
  });
});
