import type { Worker } from "node:worker_threads";
import { startWorker } from "../../lib/worker.ts";
import { constants } from "./ffi/constants.ts";
import type { Winapi } from "./ffi/winapi.ts";

/** Calls that may wait for another machine, or for a disk: a domain controller, a profile that is made for the first time. */
export type BlockingCall = "LogonUserW" | "LookupAccountNameW" | "LookupAccountSidW" | "LoadUserProfileW";

export interface BlockingResult {
  /** BOOL */
  value: number;
  /** The answer of GetLastError, in the thread of the call. */
  code: number;
}

/** Makes such calls while everything else goes on (P16): a domain that does not answer must not hold up other workloads. */
export interface BlockingCalls {
  /** `authority`: who may be asked for the answer (`accounts/authority.ts`). */
  call<Name extends BlockingCall>(
    authority: string,
    name: Name,
    args: Parameters<Winapi[Name]>,
  ): Promise<BlockingResult>;
  close(): Promise<void>;
}

/** Makes them in the thread of the caller: for tests with a fake Windows. */
export function callsInThisThread(api: Winapi): BlockingCalls {
  return {
    async call(_authority, name, args) {
      const value = (api[name] as (...all: unknown[]) => number)(...args);
      return { value, code: api.GetLastError() };
    },
    close: async () => {},
  };
}

export interface BlockingRequest {
  id: number;
  name: BlockingCall;
  /** Passes Buffers by address, since all threads share the memory. */
  args: (string | number | bigint | null)[];
}

export interface BlockingReply extends BlockingResult {
  id: number;
}

/** Makes them in a thread of its own, which begins with the first call and makes one after the other. */
export class CallsInWorker implements BlockingCalls {
  readonly #api: Winapi;
  /** `kept`: the Buffers, until Windows is done with them. */
  readonly #waiting = new Map<number, { resolve: (result: BlockingResult) => void; kept: unknown }>();
  #worker: Worker | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(api: Winapi) {
    this.#api = api;
  }

  call<Name extends BlockingCall>(
    _authority: string,
    name: Name,
    args: Parameters<Winapi[Name]>,
  ): Promise<BlockingResult> {
    if (this.#isClosed) return Promise.resolve({ value: 0, code: constants.ERROR_INTERNAL_ERROR });
    const id = ++this.#lastId;
    const plain = (args as unknown[]).map((arg) => (Buffer.isBuffer(arg) ? this.#api.addressOf(arg) : arg));
    const worker = this.#begin();
    worker.ref();
    return new Promise((resolve) => {
      this.#waiting.set(id, { resolve, kept: args });
      worker.postMessage({ id, name, args: plain as BlockingRequest["args"] } satisfies BlockingRequest);
    });
  }

  /** Waits for the call that is under way: Windows still writes to its Buffers. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = this.#worker;
    if (!worker) return;
    const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    worker.ref();
    worker.postMessage(null);
    await ended;
  }

  #begin(): Worker {
    if (this.#worker) return this.#worker;
    const worker = startWorker(new URL("./blocking-calls-worker.ts", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
      lost: () => {}, // The "exit" event tells of it.
    });
    worker.on("message", ({ id, value, code }: BlockingReply) => {
      this.#waiting.get(id)?.resolve({ value, code });
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) worker.unref();
    });
    worker.once("exit", () => this.#lost());
    this.#worker = worker;
    return worker;
  }

  /** Nobody waits for ever on a thread that has gone. */
  #lost(): void {
    this.#worker = undefined;
    for (const { resolve } of this.#waiting.values()) resolve({ value: 0, code: constants.ERROR_INTERNAL_ERROR });
    this.#waiting.clear();
  }
}
