import type { ServiceApi } from "../../../runtime/win32/ffi/service-api.ts";

/** What was called, in order; Buffers as they were at the call. */
export type Call = [name: string, ...args: unknown[]];

/** Stands in for Windows: records each call, answers what the test says, else success. Texts and Buffers get addresses of their own. */
export class FakeServiceApi {
  readonly calls: Call[] = [];
  /** Of the last failure. */
  lastError = 0;
  isWine = false;
  readonly #answers: Partial<Record<keyof ServiceApi, (...args: never[]) => unknown>>;
  readonly #memory = new Map<bigint, Buffer>();
  readonly #texts = new Map<bigint, string>();
  #next = 0x1000n;

  constructor(answers: Partial<Record<keyof ServiceApi, (...args: never[]) => unknown>> = {}) {
    this.#answers = answers;
  }

  get api(): ServiceApi {
    const own: Partial<ServiceApi> = {
      GetLastError: () => this.lastError,
      addressOf: (buffer) => this.#at(buffer),
      textAt: (address) => this.#texts.get(address) ?? "",
    };
    return new Proxy({} as ServiceApi, {
      get: (_, name: keyof ServiceApi) => {
        if (name === "isWine") return this.isWine;
        const given = this.#answers[name];
        if (given === undefined && name in own) return own[name as keyof typeof own];
        return (...args: unknown[]) => {
          this.calls.push([name, ...args.map((arg) => (Buffer.isBuffer(arg) ? Buffer.from(arg) : arg))]);
          return given ? given(...(args as never[])) : name.startsWith("Reg") && !/Source|Handler/.test(name) ? 0 : 1;
        };
      },
    });
  }

  /** Answers 0, and this error. */
  fails(code: number): 0 {
    this.lastError = code;
    return 0;
  }

  /** Puts a text somewhere. */
  text(text: string): bigint {
    const address = this.#next;
    this.#next += 0x1000n;
    this.#texts.set(address, text);
    return address;
  }

  /** What a structure points to. */
  memory(address: bigint): Buffer {
    return this.#memory.get(address)!;
  }

  named(name: keyof ServiceApi): Call[] {
    return this.calls.filter(([called]) => called === name);
  }

  #at(buffer: Buffer): bigint {
    const address = this.#next;
    this.#next += 0x1000n;
    this.#memory.set(address, Buffer.from(buffer));
    return address;
  }
}
