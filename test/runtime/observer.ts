import type { Runtime, RuntimeEvent } from "../../runtime/runtime.ts";
import { endOfWaits } from "../eventually.ts";

/** Records the events of a runtime and lets a test wait for one. */
export class Observer {
  readonly events: RuntimeEvent[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(runtime: Runtime) {
    runtime.subscribe((event) => {
      this.events.push(event);
      for (const look of [...this.#waiting]) look();
    });
  }

  /** What came after the starts. */
  of(uid: string): RuntimeEvent[] {
    return this.events.filter((event) => event.uid === uid && event.type !== "started");
  }

  /** Resolves when this has been told, also in the past; as long as it takes, as `eventually` does. */
  saw<T extends RuntimeEvent["type"]>(type: T, uid: string, run?: number): Promise<Extract<RuntimeEvent, { type: T }>> {
    type Seen = Extract<RuntimeEvent, { type: T }>;
    const isIt = (event: RuntimeEvent): event is Seen =>
      event.type === type && event.uid === uid && (run === undefined || ("run" in event && event.run === run));
    return new Promise((resolve, reject) => {
      const end = endOfWaits();
      const finish = (then: () => void): void => {
        end.removeEventListener("abort", giveUp);
        this.#waiting.delete(look);
        then();
      };
      const giveUp = (): void => finish(() => reject(new Error(`not seen: ${type} of ${uid}`)));
      const look = (): void => {
        const seen = this.events.find(isIt);
        if (seen !== undefined) finish(() => resolve(seen));
      };
      end.addEventListener("abort", giveUp);
      this.#waiting.add(look);
      look();
    });
  }
}
