import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { silentLogger } from "../../lib/logger.ts";
import { RecoveryFailures } from "../../runtime/recovery-failures.ts";
import { InstanceFiles } from "../../runtime/runs/instance-files.ts";
import { RunProofs } from "../../runtime/runs/run-proofs.ts";
import type { RunIntent } from "../../runtime/runs/run-record.ts";
import { RunRecords } from "../../runtime/runs/run-records.ts";
import type { Win32Context } from "../../runtime/win32/context.ts";
import { jobName } from "../../runtime/win32/job/job-name.ts";
import { HandleKeeper } from "../../runtime/win32/process/handle-keeper.ts";
import { type FoundRun, recoverRun, recoverRuns } from "../../runtime/win32/recover-runs.ts";
import { freshJob } from "../../runtime/win32/tree/job-of-run.ts";
import { fakeAccounts } from "./accounts/fake-accounts.ts";
import { FakeMachine } from "./fake-machine.ts";

const UID = "5f6d1f0a-0000-4000-8000-000000000001";
const OTHER = "5f6d1f0a-0000-4000-8000-000000000002";
const WEB = "S-1-5-80-1-2-3";
const STRANGER = "S-1-5-21-1-2-3-1009";
const CREATED = 134_000_000_000_000_000n;
const VICTIM = { pid: 344, created: CREATED + 5n, user: WEB };

/** P22, W3: what a marker in an environment claims, and what a name of a job claims, is no proof. */
describe("recovery on Windows", () => {
  let dataDir: string;
  let machine: FakeMachine;
  let context: Win32Context;
  let failures: RecoveryFailures;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "wctl-recover-"));
    machine = new FakeMachine();
    const { accounts, recording, clock } = fakeAccounts(machine.answers);
    machine.recording = recording;
    const files = new InstanceFiles(dataDir);
    context = {
      api: recording.api,
      accounts,
      dataId: "0123456789abcdef",
      files,
      records: new RunRecords(files),
      proofs: new RunProofs(dataDir),
      clock,
      logger: silentLogger,
      keeper: new HandleKeeper({ api: recording.api, dataDir, systemRoot: "C:\\Windows", logger: silentLogger }),
    } as unknown as Win32Context;
    failures = new RecoveryFailures(silentLogger);
  });
  afterEach(() => {
    assert.deepEqual(machine.recording?.of("ReadProcessMemory"), [], "nobody's memory is read");
    rmSync(dataDir, { recursive: true });
  });

  const nameOf = (run: number, uid = UID): string => jobName(context, uid, run);
  const intent = (run: number, uid = UID): RunIntent => ({
    run,
    label: `default/${uid}`,
    startedAt: "2026-01-01T00:00:00.000Z",
    workingDir: "C:\\work",
    account: "NT SERVICE\\web",
    accountId: WEB,
    notBefore: String(CREATED),
    limits: {},
    logs: { maxSize: 1, maxFiles: 1, stderr: "Merge" },
    stdout: join(context.files.logs(uid), `${run}.out`),
    unenforced: [],
    job: nameOf(run, uid),
  });
  /** Started by the daemon before, and alive in its job. */
  const runs = (process = VICTIM, run = 1, uid = UID): void => {
    context.files.create(uid);
    context.records.begin(uid, intent(run, uid));
    context.records.started(uid, run, { pid: process.pid, creationTime: String(process.created) });
    machine.add({ ...process });
    machine.jobs.set(nameOf(run, uid), { owner: "S-1-5-32-544", pids: [process.pid] });
  };
  const recover = (): FoundRun[] => {
    const found: FoundRun[] = [];
    recoverRuns(context, failures, (run) => found.push(run));
    return found;
  };
  const shown = (found: FoundRun[]) =>
    found.map(({ uid, record, process, job }) => [uid, record.run, process?.pid, job?.name]);

  it("1: a stranger who claims a later run is not looked at, and moved into no job", () => {
    runs();
    machine.add({ pid: 999, created: CREATED + 100n, user: STRANGER });
    assert.deepEqual(shown(recover()), [[UID, 1, VICTIM.pid, nameOf(1)]]);
    assert.deepEqual([...new Set(machine.opened)], [VICTIM.pid]);
    assert.deepEqual(machine.assigned, []);
  });

  it("2: a stranger's job of the right name is not opened for use: the victim gets a fresh one of its own", () => {
    runs();
    machine.add({ pid: 999, created: CREATED + 100n, user: STRANGER });
    machine.jobs.set(nameOf(1), { owner: STRANGER, pids: [999] });
    const [[uid, run, pid, job]] = shown(recover()) as [[string, number, number, string]];
    assert.deepEqual([uid, run, pid], [UID, 1, VICTIM.pid]);
    assert.match(job, /-[0-9a-f]{16}-[0-9a-f]{8}$/);
    assert.deepEqual(machine.assigned, [[job, VICTIM.pid]]);
    assert.equal(context.records.get(UID, 1)?.job, job, "the next daemon finds it");
    assert.deepEqual(machine.terminated, []);
  });

  it("2: nor does a name that somebody has taken keep a run from starting: it is created in a job of another", () => {
    machine.jobs.set(nameOf(1), { owner: STRANGER, pids: [999] });
    const job = freshJob(context, nameOf(1));
    assert.match(job.name!, /-[0-9a-f]{16}-[0-9a-f]{8}$/);
    assert.deepEqual(machine.jobs.get(job.name!)?.pids, []);
  });

  it("3: an intent without a process takes nobody from a stranger's job, and its number is free again", () => {
    context.files.create(UID);
    context.records.begin(UID, intent(1));
    machine.add({ pid: 999, created: CREATED + 100n, user: WEB });
    machine.jobs.set(nameOf(1), { owner: STRANGER, pids: [999] });
    assert.deepEqual(recover(), []);
    assert.deepEqual(context.records.runs(UID), []);
  });

  for (const [scene, what, name] of [
    ["4", "an empty uid", "%"],
    ["5", "a uid longer than a name may be", "x".repeat(250)],
    ["6", "a uid with a way out", "%2e%2e%2f%2e%2e"],
  ] as const) {
    it(`${scene}: ${what} keeps nobody from being found`, () => {
      runs();
      mkdirSync(join(context.files.root, name));
      assert.deepEqual(shown(recover()), [[UID, 1, VICTIM.pid, nameOf(1)]]);
    });
  }

  it("7: a run beyond all numbers is no run", () => {
    runs();
    const beyond = "99999999999999999999";
    writeFileSync(join(context.files.folder(UID), `run-${beyond}.jsonl`), JSON.stringify(intent(Number(beyond))));
    assert.deepEqual(shown(recover()), [[UID, 1, VICTIM.pid, nameOf(1)]]);
  });

  it("a process that was not recorded is found in its job: the oldest program of the account, created after the intent", () => {
    context.files.create(UID);
    context.records.begin(UID, intent(1));
    machine.add({ pid: 1, created: CREATED - 100_000_000n, user: WEB });
    machine.add({ pid: 2, created: CREATED + 1n, user: STRANGER });
    machine.add({ pid: 3, created: CREATED + 2n, user: WEB, image: "C:\\Windows\\System32\\conhost.exe" });
    machine.add({ pid: 4, created: CREATED + 3n, user: WEB });
    machine.add({ pid: 5, created: CREATED + 4n, user: WEB });
    machine.jobs.set(nameOf(1), { owner: "S-1-5-18", pids: [1, 2, 3, 4, 5] });
    assert.deepEqual(shown(recover()), [[UID, 1, 4, nameOf(1)]]);
    assert.equal(context.records.get(UID, 1)?.pid, 4);
  });

  it("a damaged record, and one that was never written, hide neither the process nor its account", () => {
    for (const [uid, run] of [
      [UID, 4],
      [OTHER, 7],
    ] as const) {
      context.files.create(uid);
      machine.add({ pid: run, created: CREATED, user: WEB });
      machine.jobs.set(nameOf(run, uid), { owner: "S-1-5-32-544", pids: [run] });
    }
    writeFileSync(context.files.record(UID, 4), "\0".repeat(100));
    assert.deepEqual(shown(recover()), [
      [UID, 4, 4, nameOf(4)],
      [OTHER, 7, 7, nameOf(7, OTHER)],
    ]);
    assert.equal(context.records.get(OTHER, 7)?.accountId, WEB);
  });

  it("a one-shot without a process is an end that nobody saw, and is not run again", () => {
    context.files.create(UID);
    context.records.begin(UID, { ...intent(1), once: true });
    const [run] = recover();
    assert.equal(run?.record.run, 1);
    assert.equal(run?.record.exit?.unknown, true);
  });

  it("8: what a workload does to its own handles takes nothing from us: job and exit code are kept by a process that never runs", () => {
    runs();
    recover();
    assert.deepEqual([...machine.kept.values()], [nameOf(1), machine.processes.get(VICTIM.pid)]);
    const [creation] = machine.recording!.of("CreateProcessAsUserW");
    assert.match(creation![1] as string, /System32\\hostname\.exe$/);
    assert.equal(Number(creation![6]) & 0x4, 0x4, "suspended");
    assert.deepEqual(machine.recording!.of("ResumeThread"), []);

    machine.processes.get(VICTIM.pid)!.ended = 42;
    machine.processes.delete(VICTIM.pid);
    machine.jobs.set(nameOf(1), { owner: "S-1-5-32-544", pids: [] });
    const next = new HandleKeeper({ api: context.api, dataDir, systemRoot: "C:\\Windows", logger: silentLogger });
    Object.assign(context, { keeper: next });
    const [run] = recover();
    assert.equal(run?.record.exit?.code, 42);
    assert.equal(machine.kept.size, 0, "nothing is kept of a tree that has ended");
    next.close(false);
    assert.equal(machine.processes.get(7000)?.ended, 0, "nor the keeper, when nothing lives");
  });

  it("a number that the keeper has given to another run since is not taken from that one", () => {
    runs();
    recover();
    const [job = 0, process = 0] = machine.kept.keys();
    const { keeper } = context.records.get(UID, 1)!.kept!;
    machine.processes.get(VICTIM.pid)!.ended = 0;
    machine.processes.delete(VICTIM.pid);
    machine.jobs.delete(nameOf(1));
    recover();
    assert.equal(machine.kept.size, 0);

    const neighbour = { ...VICTIM, pid: 345, created: CREATED + 50n };
    runs(neighbour, 1, OTHER);
    const started = { pid: neighbour.pid, creationTime: String(neighbour.created), kept: { keeper, job, process } };
    context.records.started(OTHER, 1, started);
    machine.kept.set(job, nameOf(1, OTHER)).set(process, machine.processes.get(neighbour.pid)!);
    recover();
    assert.deepEqual([...machine.kept.keys()], [job, process]);
  });

  it("what the version before has started is found by its job of another name, and can be asked to stop by its event", () => {
    const job = `Global\\wctl-${context.dataId}-${UID}-1-00112233aabbccdd`;
    context.files.create(UID);
    const { accountId: _, notBefore: __, ...former } = { ...intent(1), job };
    context.records.begin(UID, former);
    context.records.started(UID, 1, { pid: VICTIM.pid, creationTime: String(VICTIM.created) });
    machine.add({ ...VICTIM });
    machine.jobs.set(job, { owner: "S-1-5-32-544", pids: [VICTIM.pid] });
    machine.events.set(`${job}-stop`, "S-1-5-32-544");
    const [run] = recover();
    assert.deepEqual([run?.process?.pid, run?.job?.name], [VICTIM.pid, job]);
    assert.ok(run?.stopEvent, "its event is not found");

    machine.events.set(`${job}-stop`, STRANGER);
    assert.equal(recover()[0]?.stopEvent, undefined);
  });

  it("a daemon that ends before it has looked who lives leaves the keeper as it is", () => {
    runs();
    recover();
    const again = () =>
      new HandleKeeper({ api: context.api, dataDir, systemRoot: "C:\\Windows", logger: silentLogger });
    again().close(false, false);
    assert.equal(machine.processes.get(7000)?.ended, undefined);
    assert.ok(again().has(context.records.get(UID, 1)!.kept));
  });

  it("takes no exit code from a keeper that is another process now", () => {
    runs();
    recover();
    machine.processes.delete(VICTIM.pid);
    machine.processes.set(7000, { pid: 7000, created: 99n, user: STRANGER });
    machine.jobs.delete(nameOf(1));
    const next = new HandleKeeper({ api: context.api, dataDir, systemRoot: "C:\\Windows", logger: silentLogger });
    Object.assign(context, { keeper: next });
    assert.equal(recover()[0]?.record.exit?.unknown, true);
  });

  it("the pid of a stranger in a record is not believed, and what is left of the tree is kept", () => {
    runs();
    machine.processes.set(VICTIM.pid, { ...VICTIM, created: CREATED + 77n, user: STRANGER });
    machine.add({ pid: 12, created: CREATED + 9n, user: WEB });
    machine.jobs.set(nameOf(1), { owner: "S-1-5-32-544", pids: [12] });
    const [run] = recover();
    assert.equal(run?.process, undefined);
    assert.equal(run?.record.exit?.unknown, true);
    const access = machine.recording!.of("OpenProcess").filter(([, , pid]) => pid === VICTIM.pid);
    assert.deepEqual(
      access.map(([rights]) => (rights as number) & ~0x101000),
      [0],
      "a stranger is asked for nothing but its creation time",
    );
    assert.equal(run?.job?.name, nameOf(1));
  });

  it("one instance that can't be looked at keeps none of the others, and is not started beside", () => {
    runs();
    runs({ ...VICTIM, pid: 345 }, 1, OTHER);
    const isIn = machine.answers.IsProcessInJob as (process: number, job: number, out: Buffer) => number;
    let isBroken = true;
    machine.answers.IsProcessInJob = ((process: number, job: number, out: Buffer) => {
      if (isBroken && machine.opened.at(-1) === VICTIM.pid) throw new Error("broken");
      return isIn(process, job, out);
    }) as never;
    const { accounts, recording } = fakeAccounts(machine.answers);
    machine.recording = recording;
    const keeper = new HandleKeeper({ api: recording.api, dataDir, systemRoot: "C:\\Windows", logger: silentLogger });
    Object.assign(context, { api: recording.api, accounts, keeper });
    assert.deepEqual(shown(recover()), [[OTHER, 1, 345, nameOf(1, OTHER)]]);
    const start = { uid: UID, label: "default/web" };
    const again = () => failures.retry(start, () => recoverRun(context, UID));
    assert.throws(again, { reason: "SystemError", message: /cannot inspect what an earlier daemon started: broken/ });
    isBroken = false;
    again();
  });
});
