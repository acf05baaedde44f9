import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { UsageError } from "../../../../cmd/wctld/config/options.ts";
import type { DaemonControl } from "../../../../cmd/wctld/lifecycle/daemon-host.ts";
import { PRESHUTDOWN_MS, ServiceDaemon } from "../../../../cmd/wctld/service/service-daemon.ts";
import type { ServiceControl, ServiceState } from "../../../../runtime/win32/service/service-states.ts";
import { FakeClock } from "../../../lib/fake-clock.ts";

/** Everything that happens, in order: states for the system, ids for the event log, requests to the daemon. */
class Stage {
  readonly seen: string[] = [];
  readonly clock = new FakeClock();
  readonly service: ServiceDaemon;
  ask: (control: ServiceControl) => void = () => {};
  #end: { resolve(code: number): void; reject(error: Error): void } | undefined;

  constructor() {
    const { seen, clock } = this;
    let state: ServiceState = "StartPending";
    const host = {
      get state(): ServiceState {
        return state;
      },
      report: (next: ServiceState) => {
        state = next;
        seen.push(next);
      },
      listen: (listener: (control: ServiceControl) => void) => {
        this.ask = listener;
      },
    };
    const log = { report: (kind: string, id: number) => seen.push(`${kind} ${id}`) };
    const noteFailedStart = async ({ message }: Error): Promise<void> => void seen.push(`noted: ${message}`);
    this.service = new ServiceDaemon({
      host,
      log,
      clock,
      dataDir: "the data directory",
      noteFailedStart: (error) => noteFailedStart(error as Error),
    });
  }

  run(): Promise<number> {
    return this.service.run(
      () =>
        new Promise((resolve, reject) => {
          this.#end = { resolve, reject };
        }),
    );
  }

  start(): void {
    const said = (word: string) => () => void this.seen.push(word);
    const daemon: DaemonControl = {
      stop: (how, withinMs) =>
        void this.seen.push(["stop", how, withinMs && `within ${withinMs}`].filter((word) => word).join(" ")),
      reload: said("reload"),
      pause: said("pause"),
      resume: said("resume"),
    };
    this.service.attach(daemon);
    this.service.ready();
    this.seen.splice(0);
  }

  end(code: number | Error): void {
    if (typeof code === "number") this.#end!.resolve(code);
    else this.#end!.reject(code);
  }
}

describe("the daemon as a service", () => {
  let stage: Stage;
  beforeEach(() => {
    stage = new Stage();
  });

  it("is running when the API answers", () => {
    stage.service.ready();
    assert.deepEqual(stage.seen, ["Running", "information 1"]);
  });

  it("is running too when another program has the port of its API; the system and the event log are told why, and when that is over", () => {
    stage.service.apiShut("--listen: 127.0.0.1:7443 is in use by pid 7");
    stage.service.ready();
    assert.deepEqual(stage.seen, ["error 12", "Running", "information 1"]);
    stage.service.apiOpen();
    assert.equal(stage.seen.at(-1), "information 13");
  });

  it("says nothing of an API that always answered", () => {
    void stage.run();
    stage.service.apiOpen();
    assert.deepEqual(stage.seen, []);
  });

  it("that ends by an error nobody handled says so in the event log, and never that it has stopped", () => {
    stage.service.failed("TypeError: x is not a function");
    assert.deepEqual(stage.seen, ["error 11"]);
  });

  const answers: [control: ServiceControl, seen: string[]][] = [
    ["Stop", ["StopPending", "information 2", "stop"]],
    ["StopKeeping", ["StopPending", "information 2", "stop keep"]],
    ["PreShutdown", ["StopPending", "information 2", "stop within 178000"]],
    ["Shutdown", ["StopPending", "information 2", "stop within 3000"]],
    ["Pause", ["pause", "Paused", "information 4"]],
    ["Continue", ["resume", "Running", "information 5"]],
    ["ParamChange", ["reload"]],
  ];
  for (const [control, seen] of answers) {
    it(`answers ${control} with ${seen.join(", ")}`, () => {
      void stage.run();
      stage.start();
      stage.ask(control);
      assert.deepEqual(stage.seen, seen);
    });
  }

  it("waits for its workloads only as long as the system waits for it", () => {
    const limits: [ServiceControl, number][] = [
      ["PreShutdown", PRESHUTDOWN_MS],
      ["Shutdown", 5_000],
    ];
    for (const [control, limit] of limits) {
      const one = new Stage();
      void one.run();
      one.start();
      one.ask(control);
      one.seen.splice(0);
      one.clock.advance(limit - 2_001);
      assert.deepEqual(one.seen, [], control);
      one.clock.advance(1);
      assert.deepEqual(one.seen, ["stop"], `${control}: a second stop does not wait`);
    }
  });

  it("takes all the time it needs to stop when somebody asked", () => {
    void stage.run();
    stage.start();
    stage.ask("Stop");
    stage.seen.splice(0);
    stage.clock.advance(3_600_000);
    assert.deepEqual(stage.seen, []);
  });

  it("that was asked to stop while it started is not running afterwards", () => {
    void stage.run();
    stage.ask("Stop");
    stage.service.ready();
    assert.ok(!stage.seen.includes("Running"));
  });

  it("ends in good order with its exit code", async () => {
    const ended = stage.run();
    stage.end(0);
    assert.equal(await ended, 0);
    assert.deepEqual(stage.seen, ["information 3"]);
  });

  it("that can't start says why, in the event log and for whoever finds no answer", async () => {
    const ended = stage.run();
    stage.end(new UsageError("--config: no such file"));
    assert.equal(await ended, 2);
    assert.deepEqual(stage.seen, ["noted: --config: no such file", "error 10"]);
  });

  it("that fails later says so, and is not called a failure to start", async () => {
    const ended = stage.run();
    stage.start();
    stage.end(new Error("the disk is gone"));
    assert.equal(await ended, 1);
    assert.deepEqual(stage.seen, ["error 11"]);
  });
});
