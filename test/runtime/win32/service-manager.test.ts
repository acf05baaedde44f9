import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { serviceConstants as c } from "../../../runtime/win32/ffi/service-constants.ts";
import { serviceStructs as s } from "../../../runtime/win32/ffi/service-structs.ts";
import { encode, read } from "../../../runtime/win32/ffi/struct-codec.ts";
import type { ServiceDefinition } from "../../../runtime/win32/service/service-definition.ts";
import { ServiceManager } from "../../../runtime/win32/service/service-manager.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { FakeServiceApi } from "./service-api-fake.ts";

const definition: ServiceDefinition = {
  name: "wctl",
  displayName: "wctl",
  description: "Keeps processes running.",
  commandLine: '"C:\\Program Files\\wctl\\wctl.exe" daemon --service',
  restartDelaysMs: [1_000, 5_000, 30_000],
  failuresForgottenAfterS: 86_400,
  privileges: ["SeAssignPrimaryTokenPrivilege", "SeIncreaseQuotaPrivilege"],
  preShutdownMs: 180_000,
};

const managerOf = (fake: FakeServiceApi): ServiceManager =>
  new ServiceManager({ api: fake.api, clock: new FakeClock() });

/** The Buffer given to ChangeServiceConfig2W at this level. */
const settingOf = (fake: FakeServiceApi, level: number): Buffer =>
  fake.named("ChangeServiceConfig2W").find(([, , given]) => given === level)![3] as Buffer;

describe("an installed service", () => {
  it("is made to start by itself, as LocalSystem, from the quoted program (S03)", () => {
    const fake = new FakeServiceApi();
    assert.deepEqual(managerOf(fake).install(definition), { created: true, warnings: [] });
    const [[, , name, , , type, startType, , image, , , , account]] = fake.named("CreateServiceW") as unknown as [
      unknown[],
    ];
    const { commandLine } = definition;
    assert.deepEqual([name, type, startType, image, account], ["wctl", 0x10, c.SERVICE_AUTO_START, commandLine, null]);
  });

  it("is started again after failures: 1 s, 5 s, 30 s, also after an exit with an error", () => {
    const fake = new FakeServiceApi();
    managerOf(fake).install(definition);
    const info = settingOf(fake, c.SERVICE_CONFIG_FAILURE_ACTIONS);
    const struct = s.SERVICE_FAILURE_ACTIONSW;
    assert.equal(read(struct, info, "dwResetPeriod"), 86_400);
    assert.equal(read(struct, info, "cActions"), 3);
    const actions = fake.memory(read(struct, info, "lpsaActions"));
    const delays = [0, 8, 16].map((at) => [
      read(s.SC_ACTION, actions, "Type", at),
      read(s.SC_ACTION, actions, "Delay", at),
    ]);
    assert.deepEqual(delays, [
      [c.SC_ACTION_RESTART, 1_000],
      [c.SC_ACTION_RESTART, 5_000],
      [c.SC_ACTION_RESTART, 30_000],
    ]);
    assert.equal(settingOf(fake, c.SERVICE_CONFIG_FAILURE_ACTIONS_FLAG).readUInt32LE(), 1);
  });

  it("starts delayed, has a SID and time before a shutdown, and keeps no privilege that it does not name", () => {
    const fake = new FakeServiceApi();
    managerOf(fake).install(definition);
    assert.equal(settingOf(fake, c.SERVICE_CONFIG_DELAYED_AUTO_START_INFO).readUInt32LE(), 1);
    assert.equal(settingOf(fake, c.SERVICE_CONFIG_SERVICE_SID_INFO).readUInt32LE(), 1);
    assert.equal(settingOf(fake, c.SERVICE_CONFIG_PRESHUTDOWN_INFO).readUInt32LE(), 180_000);
    const at = (level: number): string => fake.memory(settingOf(fake, level).readBigUInt64LE()).toString("utf16le");
    assert.equal(at(c.SERVICE_CONFIG_DESCRIPTION), "Keeps processes running.\0");
    const privileges = "SeAssignPrimaryTokenPrivilege\0SeIncreaseQuotaPrivilege\0\0";
    assert.equal(at(c.SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO), privileges);
  });

  it("is installed though the system does not know a setting, with a warning that names it", () => {
    const fake: FakeServiceApi = new FakeServiceApi({
      ChangeServiceConfig2W: (_: number, level: number) =>
        level === c.SERVICE_CONFIG_SERVICE_SID_INFO ? fake.fails(124) : 1,
    });
    const { warnings } = managerOf(fake).install(definition);
    assert.deepEqual(warnings, [
      "service SID of wctl: this Windows does not know this setting (ChangeServiceConfig2W: ERROR_INVALID_LEVEL, 124)",
    ]);
    assert.deepEqual(fake.named("DeleteService"), []);
  });

  it("is removed again when a setting is refused", () => {
    const fake: FakeServiceApi = new FakeServiceApi({ ChangeServiceConfig2W: () => fake.fails(5) });
    assert.throws(() => managerOf(fake).install(definition), { call: "ChangeServiceConfig2W", code: 5 });
    assert.equal(fake.named("DeleteService").length, 1);
  });

  it("that is there already is changed, and never removed", () => {
    const fake: FakeServiceApi = new FakeServiceApi({ CreateServiceW: () => fake.fails(c.ERROR_SERVICE_EXISTS) });
    assert.equal(managerOf(fake).install(definition).created, false);
    assert.equal(fake.named("ChangeServiceConfigW")[0]![5], definition.commandLine);
    const refusing: FakeServiceApi = new FakeServiceApi({
      CreateServiceW: () => refusing.fails(c.ERROR_SERVICE_EXISTS),
      ChangeServiceConfig2W: () => refusing.fails(5),
    });
    assert.throws(() => managerOf(refusing).install(definition), { code: 5 });
    assert.deepEqual(refusing.named("DeleteService"), []);
  });

  it("leaves no handle open, whatever fails", () => {
    for (const failing of ["CreateServiceW", "OpenServiceW", "ChangeServiceConfig2W"] as const) {
      let opened = 0;
      const open = (name: string) => () => (name === failing ? fake.fails(5) : ++opened);
      const fake: FakeServiceApi = new FakeServiceApi({
        OpenSCManagerW: open("OpenSCManagerW"),
        OpenServiceW: open("OpenServiceW"),
        CreateServiceW: open("CreateServiceW"),
        ...(failing === "ChangeServiceConfig2W" ? { ChangeServiceConfig2W: () => fake.fails(5) } : {}),
      });
      assert.throws(() => managerOf(fake).install(definition), { call: failing });
      assert.equal(fake.named("CloseServiceHandle").length, opened, failing);
    }
  });
});

describe("who may send a service its own controls (SERVICE_USER_DEFINED_CONTROL)", () => {
  /** Entries of the list that was given, with the rights split into SDDL's words. */
  const entries = (fake: FakeServiceApi): [who: string, rights: string[]][] => {
    const [[, sddl]] = fake.named("ConvertStringSecurityDescriptorToSecurityDescriptorW") as [[string, string]];
    return [...sddl.matchAll(/\(A;;([A-Z]+);;;([A-Z]{2})\)/g)].map(([, rights, who]) => [who!, rights!.match(/../g)!]);
  };
  const order = (fake: FakeServiceApi): string[] =>
    fake.calls.map(([name]) => name).filter((name) => /^(Create|Change|SetService)/.test(name));

  it("is the system and its administrators, from the moment the service is there: sc control wctl 128 of a user is refused", () => {
    const fake = new FakeServiceApi();
    managerOf(fake).install(definition);
    assert.deepEqual(order(fake).slice(0, 3), ["CreateServiceW", "SetServiceObjectSecurity", "ChangeServiceConfig2W"]);
    const [[, , information]] = fake.named("SetServiceObjectSecurity") as [[string, number, number]];
    assert.equal(information, c.DACL_SECURITY_INFORMATION);
    const list = entries(fake);
    assert.deepEqual(
      list.filter(([, rights]) => rights.includes("CR")).map(([who]) => who),
      ["SY", "BA"],
    );
    const changing = ["DC", "RP", "WP", "DT", "SD", "WD", "WO"];
    const others = list.filter(([who]) => who !== "SY" && who !== "BA");
    assert.deepEqual(
      others.map(([who]) => who),
      ["IU", "SU"],
    );
    for (const [who, rights] of others)
      assert.deepEqual(
        rights.filter((right) => changing.includes(right)),
        [],
        who,
      );
  });

  it("is put right where the service was there before, ahead of every other change", () => {
    const fake: FakeServiceApi = new FakeServiceApi({ CreateServiceW: () => fake.fails(c.ERROR_SERVICE_EXISTS) });
    managerOf(fake).install(definition);
    assert.deepEqual(order(fake).slice(0, 3), ["CreateServiceW", "SetServiceObjectSecurity", "ChangeServiceConfigW"]);
  });

  it("can't be said: then there is no new service", () => {
    const fake: FakeServiceApi = new FakeServiceApi({ SetServiceObjectSecurity: () => fake.fails(5) });
    assert.throws(() => managerOf(fake).install(definition), { call: "SetServiceObjectSecurity", code: 5 });
    assert.equal(fake.named("DeleteService").length, 1);
    assert.equal(fake.named("CloseServiceHandle").length, 2);
  });
});

describe("a service that is asked", () => {
  it("is told to stop with or without its workloads, each with no more access than it takes", () => {
    const fake = new FakeServiceApi();
    managerOf(fake).stop("wctl", { keepWorkloads: false });
    managerOf(fake).stop("wctl", { keepWorkloads: true });
    assert.deepEqual(
      fake.named("ControlService").map(([, , control]) => control),
      [c.SERVICE_CONTROL_STOP, 128],
    );
    assert.deepEqual(
      fake.named("OpenServiceW").map(([, , , access]) => access),
      [c.SERVICE_STOP, c.SERVICE_USER_DEFINED_CONTROL],
    );
  });

  it("tells its state, process and command line", () => {
    const fake: FakeServiceApi = new FakeServiceApi({
      QueryServiceStatusEx: (_: number, _level: number, out: Buffer) => {
        encode(s.SERVICE_STATUS_PROCESS, { dwCurrentState: c.SERVICE_PAUSED, dwProcessId: 42 }).copy(out);
        return 1;
      },
      QueryServiceConfigW: (_: number, out: Buffer) => {
        const lpBinaryPathName = fake.text('"C:\\wctl.exe" daemon');
        const lpServiceStartName = fake.text("LocalSystem");
        encode(s.QUERY_SERVICE_CONFIGW, { dwStartType: 2, lpBinaryPathName, lpServiceStartName }).copy(out);
        return 1;
      },
    });
    assert.deepEqual(managerOf(fake).status("wctl"), {
      name: "wctl",
      state: "Paused",
      pid: 42,
      exitCode: 0,
      ownExitCode: 0,
      commandLine: '"C:\\wctl.exe" daemon',
      account: "LocalSystem",
      startup: "Auto",
    });
  });

  it("but is not installed: that is no error for the status, and one with a hint for all else", () => {
    const fake: FakeServiceApi = new FakeServiceApi({ OpenServiceW: () => fake.fails(1060) });
    assert.equal(managerOf(fake).status("wctl"), undefined);
    assert.throws(() => managerOf(fake).start("wctl"), {
      message:
        "wctl: the service is not installed; install it with: wctl service install (OpenServiceW: ERROR_SERVICE_DOES_NOT_EXIST, 1060)",
    });
  });
});
