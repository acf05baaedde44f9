import { after, afterEach, before, beforeEach } from "node:test";
import type { Runtime } from "../../runtime/runtime.ts";
import { endAll } from "./end-all.ts";
import { Observer } from "./observer.ts";

interface Harness {
  open(): Promise<Runtime>;
  dispose(): Promise<void>;
}

interface Shared<H extends Harness> {
  harness: H;
  runtime: Awaited<ReturnType<H["open"]>>;
  seen: Observer;
}

/** One runtime for the tests of a suite, told to `use` before each with an observer of its own. After each nothing is left of what that started. */
export function sharedRuntime<H extends Harness>(make: () => H, use: (shared: Shared<H>) => void): void {
  let harness: H;
  let runtime: Shared<H>["runtime"];
  before(async () => {
    harness = make();
    runtime = (await harness.open()) as Shared<H>["runtime"];
    await runtime.recover();
  });
  beforeEach(() => use({ harness, runtime, seen: new Observer(runtime) }));
  afterEach(() => endAll(runtime));
  after(async () => {
    await runtime.close();
    await harness.dispose();
  });
}
