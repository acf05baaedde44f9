import { after, afterEach, before } from "node:test";
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

/** One runtime for the tests of a suite, told to `use` before the first. After each test nothing is left of what that started. */
export function sharedRuntime<H extends Harness>(make: () => H, use: (shared: Shared<H>) => void): void {
  let shared: Shared<H>;
  before(async () => {
    const harness = make();
    const runtime = (await harness.open()) as Shared<H>["runtime"];
    shared = { harness, runtime, seen: new Observer(runtime) };
    await runtime.recover();
    use(shared);
  });
  afterEach(() => endAll(shared.runtime));
  after(async () => {
    await shared.runtime.close();
    await shared.harness.dispose();
  });
}
