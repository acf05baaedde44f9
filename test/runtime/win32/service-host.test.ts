import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { serviceConstants as c } from "../../../runtime/win32/ffi/service-constants.ts";
import { serviceStructs } from "../../../runtime/win32/ffi/service-structs.ts";
import { read } from "../../../runtime/win32/ffi/struct-codec.ts";
import { ServiceHost } from "../../../runtime/win32/service/service-host.ts";
import { FakeClock } from "../../lib/fake-clock.ts";
import { FakeServiceApi } from "./service-api-fake.ts";

/** The service control manager, as far as one process sees it. */
class Manager {
  readonly clock = new FakeClock();
  readonly fake: FakeServiceApi;
  main: ((name: string) => void) | undefined;
  control: ((control: number) => number) | undefined;
  letGo: (code: number) => void = () => {};

  constructor() {
    this.fake = new FakeServiceApi({
      serviceMain: (main: (name: string) => void) => {
        this.main = main;
        return 1n;
      },
      controlListener: (control: (control: number) => number) => {
        this.control = control;
        return 2n;
      },
      RegisterServiceCtrlHandlerExW: () => 7,
    });
  }

  connect(): Promise<ServiceHost | undefined> {
    const { clock, fake } = this;
    const ended = new Promise<number>((resolve) => {
      this.letGo = resolve;
    });
    const dispatcher = { begin: () => {}, ended: () => ended };
    return ServiceHost.connect({ api: fake.api, clock, dispatcher });
  }

  async started(): Promise<ServiceHost> {
    const connected = this.connect();
    this.main!("wctl");
    return (await connected)!;
  }

  /** What the service has reported: state, accepted controls, checkpoint, exit codes. */
  get reports(): { state: number; accepts: number; checkPoint: number; exit: [number, number] }[] {
    const field = (buffer: Buffer, name: keyof typeof serviceStructs.SERVICE_STATUS.fields): number =>
      read(serviceStructs.SERVICE_STATUS, buffer, name);
    return this.fake.named("SetServiceStatus").map(([, , status]) => {
      const buffer = status as Buffer;
      return {
        state: field(buffer, "dwCurrentState"),
        accepts: field(buffer, "dwControlsAccepted"),
        checkPoint: field(buffer, "dwCheckPoint"),
        exit: [field(buffer, "dwWin32ExitCode"), field(buffer, "dwServiceSpecificExitCode")],
      };
    });
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the service's host", () => {
  it("is none when a console started the process (1063)", async () => {
    const manager = new Manager();
    const connected = manager.connect();
    manager.letGo(c.ERROR_FAILED_SERVICE_CONTROLLER_CONNECT);
    assert.equal(await connected, undefined);
  });

  it("fails with the call and the code of any other refusal", async () => {
    const manager = new Manager();
    const connected = manager.connect();
    manager.letGo(5);
    await assert.rejects(connected, { call: "StartServiceCtrlDispatcherW", code: 5 });
  });

  it("reports that it starts, each second, and takes nothing meanwhile", async () => {
    const manager = new Manager();
    await manager.started();
    manager.clock.advance(3_000);
    assert.deepEqual(
      manager.reports.map(({ state, accepts, checkPoint }) => [state, accepts, checkPoint]),
      [1, 2, 3, 4].map((checkPoint) => [c.SERVICE_START_PENDING, 0, checkPoint]),
    );
  });

  it("takes stop, pause, parameters, shutdown and preshutdown when it runs, and is quiet then", async () => {
    const manager = new Manager();
    const host = await manager.started();
    host.report("Running");
    manager.clock.advance(60_000);
    const last = manager.reports.at(-1)!;
    assert.equal(manager.reports.length, 2);
    assert.equal(last.state, c.SERVICE_RUNNING);
    assert.equal(last.checkPoint, 0);
    assert.equal(last.accepts, 0x1 | 0x2 | 0x4 | 0x8 | 0x100);
  });

  it("hands on each control, in order, also those that came before anybody listened", async () => {
    const manager = new Manager();
    const host = await manager.started();
    const heard: string[] = [];
    assert.equal(manager.control!(c.SERVICE_CONTROL_PAUSE), c.NO_ERROR);
    await turn();
    host.listen((control) => heard.push(control));
    const rest = [c.SERVICE_CONTROL_CONTINUE, c.SERVICE_CONTROL_PARAMCHANGE, c.SERVICE_CONTROL_PRESHUTDOWN];
    for (const control of [...rest, c.SERVICE_CONTROL_SHUTDOWN, 128, c.SERVICE_CONTROL_STOP]) manager.control!(control);
    assert.deepEqual(heard, ["Pause"], "the system does not wait for what is done about it");
    await turn();
    assert.deepEqual(heard, ["Pause", "Continue", "ParamChange", "PreShutdown", "Shutdown", "StopKeeping", "Stop"]);
  });

  it("answers an interrogation with its state, and refuses what it does not know", async () => {
    const manager = new Manager();
    const host = await manager.started();
    host.report("Paused");
    assert.equal(manager.control!(c.SERVICE_CONTROL_INTERROGATE), c.NO_ERROR);
    assert.deepEqual(
      manager.reports.map(({ state }) => state),
      [c.SERVICE_START_PENDING, c.SERVICE_PAUSED, c.SERVICE_PAUSED],
    );
    assert.equal(manager.control!(200), c.ERROR_CALL_NOT_IMPLEMENTED);
  });

  it("ends with its exit code as a failure of its own, and waits for the system to let go", async () => {
    const manager = new Manager();
    const host = await manager.started();
    host.report("StopPending");
    const ended = host.stopped(2);
    const { state, exit } = manager.reports.at(-1)!;
    assert.equal(state, c.SERVICE_STOPPED);
    assert.deepEqual(exit, [c.ERROR_SERVICE_SPECIFIC_ERROR, 2]);
    manager.letGo(0);
    await ended;
    manager.clock.advance(10_000);
    assert.equal(manager.reports.at(-1)!.state, c.SERVICE_STOPPED);
  });
});
