import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach } from "node:test";
import type { ExitStatus, LaunchSpec, ProcessState, Runtime } from "../../runtime/runtime.ts";
import { endAll } from "./end-all.ts";
import { Observer } from "./observer.ts";
import { launchSpec } from "./specs.ts";

export type FixtureName =
  | "runs-forever"
  | "exits-with"
  | "dies-of"
  | "ignores-stop"
  | "spawns-grandchild"
  | "leaves-grandchild"
  | "prints-environment"
  | "does-not-exist";

/** What a body brings: itself, opened again on the same machine, and the fixtures in its own terms. */
export interface RuntimeHarness {
  /** The next "daemon" on the same data; the one before has been closed. */
  open(): Promise<Runtime>;
  fixture(name: FixtureName, ...args: string[]): Pick<LaunchSpec, "command" | "args">;
  /** Resolves when the program has done what its name says. */
  settled(name: FixtureName, uid: string): Promise<void>;
  dispose(): Promise<void>;
  /** How a program ends of a signal, where the system has none. Absent: with that signal. */
  endOf?(signal: Signal): Pick<ExitStatus, "code" | "signal">;
}

type Signal = "SIGTERM" | "SIGKILL" | "SIGABRT";

/** A body for the tests of one `describe`: each finds it empty, with nothing left of what the one before has started. */
export function bodyUnderTest<H extends RuntimeHarness>(make: () => H): BodyUnderTest<H> {
  const body = new BodyUnderTest<H>();
  before(() => body.open(make()));
  beforeEach(() => body.observe());
  afterEach(() => endAll(body.runtime));
  after(async () => {
    await body.runtime.close();
    await body.harness.dispose();
  });
  return body;
}

type Opened<H extends RuntimeHarness> = Awaited<ReturnType<H["open"]>>;

export class BodyUnderTest<H extends RuntimeHarness = RuntimeHarness> {
  harness!: H;
  runtime!: Opened<H>;
  /** What was told since the test began, or since the last reopening. */
  seen!: Observer;

  async open(harness: H): Promise<void> {
    this.harness = harness;
    this.runtime = (await harness.open()) as Opened<H>;
    await this.runtime.recover();
  }

  observe(): void {
    this.seen = new Observer(this.runtime);
    assert.deepEqual(this.runtime.list(), []);
  }

  async start(
    uid: string,
    fixture: FixtureName,
    more: Partial<LaunchSpec> = {},
    ...args: string[]
  ): Promise<ProcessState> {
    const state = await this.runtime.start(launchSpec({ uid, ...this.harness.fixture(fixture, ...args), ...more }));
    await this.harness.settled(fixture, uid);
    return state;
  }

  /** The next daemon; resolves with what it has found. */
  async reopen(): Promise<ProcessState[]> {
    await this.runtime.close();
    this.runtime = (await this.harness.open()) as Opened<H>;
    this.seen = new Observer(this.runtime);
    return this.runtime.recover();
  }

  endedBy(exit: ExitStatus, signal: Signal): void {
    const { code, signal: name } = this.harness.endOf?.(signal) ?? { signal };
    assert.deepEqual([exit.code, exit.signal], [code, name]);
  }
}
