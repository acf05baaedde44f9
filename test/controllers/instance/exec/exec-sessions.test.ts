import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { beforeEach, describe, it } from "node:test";
import type { ExecEnd, ExecSession } from "../../../../api/exec/exec-session.ts";
import type { Stored } from "../../../../api/object.ts";
import type { Instance } from "../../../../api/types.generated.ts";
import { ExecSessions } from "../../../../controllers/instance/exec/exec-sessions.ts";
import { silentLogger } from "../../../../lib/logger.ts";
import { type ProcessState, type RuntimeEvent, StartError } from "../../../../runtime/runtime.ts";

const instance = (name: string, status: object = { phase: "Running" }): Stored =>
  ({
    apiVersion: "wctl.dev/v1",
    kind: "Instance",
    metadata: {
      name,
      namespace: "default",
      uid: name,
      ownerReferences: [{ apiVersion: "wctl.dev/v1", kind: "Process", name: "web", uid: "p", controller: true }],
    },
    spec: { command: "/bin/web", nodeName: "here", index: 0, revision: "r" },
    status,
  }) as unknown as Stored<Instance> as Stored;

describe("commands beside instances", () => {
  let told: string[];
  let logged: string[];
  let tell: (event: RuntimeEvent) => void;
  let opened: { closed: boolean; end(end: ExecEnd): void }[];
  let failure: Error | undefined;
  let sessions: ExecSessions;
  const request = { command: ["sh", "-c", "secret"], stdin: false };
  beforeEach(() => {
    [told, logged, opened, failure] = [[], [], [], undefined];
    sessions = new ExecSessions({
      runtime: {
        get: (uid) => ({ phase: uid.startsWith("gone") ? "exited" : "running" }) as ProcessState,
        subscribe: (listener) => {
          tell = listener;
          return () => {};
        },
        openExec: async () => {
          if (failure) throw failure;
          const { promise: ended, resolve } = Promise.withResolvers<ExecEnd>();
          const one = { closed: false, end: resolve };
          opened.push(one);
          const close = async (): Promise<void> => {
            one.closed = true;
            resolve({ signal: "SIGKILL" });
          };
          return { stdout: Readable.from([]), ended, resize: () => {}, close } satisfies ExecSession;
        },
      },
      recorder: {
        event: (about, type, reason, message) => void told.push(`${about.metadata.name} ${type} ${reason}: ${message}`),
      },
      logger: { ...silentLogger, info: (message, fields) => void logged.push(`${message} ${JSON.stringify(fields)}`) },
    });
  });
  const open = (name: string, user = "ann"): Promise<ExecSession> =>
    sessions.open(instance(name), request, { name: user, budget: user });

  it("are told with who runs what, without arguments, which may be secrets", async () => {
    const session = await open("web-0");
    opened[0]!.end({ code: 3 });
    await session.ended;
    assert.deepEqual(told, ["web-0 Normal Exec: ann runs sh (with 2 arguments)"]);
    assert.match(logged[0]!, /^exec begins .*"user":"ann","program":"sh"/);
    assert.match(logged[1]!, /^exec ended .*"user":"ann","code":3/);
    assert.doesNotMatch(`${told}${logged}`, /secret/);
  });

  it("end with the run beside which they were begun, and no others do", async () => {
    await open("web-0");
    await open("web-1");
    tell({ type: "exited", uid: "web-0", run: 1, exit: { code: 0, finishedAt: "" } });
    assert.deepEqual(
      opened.map(({ closed }) => closed),
      [true, false],
    );
  });

  it("are so many at once and no more; what is closed or failed does not count, and what has ended does until its client has taken all", async () => {
    failure = new StartError("CommandNotFound", "no such command");
    await assert.rejects(open("web-0"), {
      reason: "BadRequest",
      details: { causes: [{ reason: "CommandNotFound", message: "no such command" }] },
    });
    failure = undefined;
    const first = await open("web-0");
    for (let nth = 1; nth < 10; nth++) await open("web-0");
    const tooMany = (where: string) => ({
      reason: "TooManyRequests",
      message: `too many commands run ${where} at once; end one of them first`,
    });
    await assert.rejects(open("web-0", "bob"), tooMany('beside instance "web-0": at most 10'));
    for (let nth = 0; nth < 40; nth++) await open(`web-${1 + (nth % 4)}`);
    await assert.rejects(open("web-5"), tooMany("of ann: at most 50"));
    for (let nth = 0; nth < 25; nth++) await open(`web-${5 + (nth % 3)}`, "bob");
    await assert.rejects(open("web-8", "bob"), tooMany("of bob: at most 25"));
    for (let nth = 0; nth < 25; nth++) await open(`web-${8 + (nth % 3)}`, `one-${nth}`);
    await assert.rejects(open("web-12", "eve"), tooMany("beside all instances: at most 100"));
    opened[0]!.end({ code: 0 });
    await first.ended;
    await assert.rejects(open("web-0", "eve"), { reason: "TooManyRequests" });
    await first.close();
    await assert.rejects(open("web-0"), tooMany("of ann: at most 49"));
    const session = await open("web-0", "eve");
    await assert.rejects(open("web-11", "dan"), { reason: "TooManyRequests" });
    await session.close();
    await session.close();
    await open("web-11", "eve");
    await assert.rejects(open("web-11", "eve"), { reason: "TooManyRequests" });
  });

  it("are no more when all are asked for at once, and each leaves its place", async () => {
    const ask = (): Promise<PromiseSettledResult<ExecSession>[]> =>
      Promise.allSettled(Array.from({ length: 30 }, () => open("web-0")));
    for (let nth = 0; nth < 12; nth++) {
      const given = (await ask()).flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      assert.equal(given.length, 10);
      for (const session of given) await session.close();
    }
    assert.equal(opened.length, 120);
  });

  it("do not begin beside a run that ends meanwhile", async () => {
    const late = open("web-0");
    tell({ type: "exited", uid: "web-0", run: 1, exit: { code: 0, finishedAt: "" } });
    await assert.rejects(late, { reason: "BadRequest", message: /does not run/ });
    assert.deepEqual([opened[0]!.closed, told], [true, []]);
  });

  it("are refused where nothing runs, with what helps", async () => {
    const refused = (status: object): Promise<unknown> =>
      sessions.open(instance("gone-0", status), request, { name: "ann", budget: "ann" });
    await assert.rejects(refused({ phase: "Stopped" }), {
      reason: "BadRequest",
      message: 'instance "gone-0" does not run: it is Stopped; "wctl start process/web" starts it',
    });
    await assert.rejects(refused({ phase: "Succeeded" }), {
      message: 'instance "gone-0" does not run: it is Succeeded; "wctl why instance/gone-0" tells more',
    });
    assert.deepEqual(told, []);
  });
});
