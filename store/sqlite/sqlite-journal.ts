import type { Worker } from "node:worker_threads";
import { Semaphore } from "../../lib/semaphore.ts";
import { startWorker } from "../../lib/worker.ts";
import { type Batch, type Journal, JournalError, type Recovered, type Version } from "../journal.ts";
import type { Path, StoreEvent } from "../store.ts";
import type { Transformer } from "../transformer.ts";
import type { Answer, Broken, Opened, Question, Questions } from "./messages.ts";
import { Transformed } from "./transformed.ts";

/** Small, and bounded: the thread holds one batch at a time. */
const resourceLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 };

/** In characters of JSON. */
const LARGEST_TRANSACTION = 4 * 1024 * 1024;

interface Asked {
  resolve(value: unknown): void;
  reject(error: JournalError): void;
}

/** The main thread's side of `sqlite-worker.ts`. It puts one question after the other. */
export class SqliteJournal implements Journal {
  onBroken?: (error: JournalError) => void;
  readonly #worker: Worker;
  readonly #mutex = new Semaphore(1);
  #asked: Asked | undefined;
  #dead: JournalError | undefined;
  #closing = false;
  #transformed = new Transformed();

  constructor() {
    this.#worker = startWorker(new URL("./sqlite-worker.ts", import.meta.url), {
      name: "store",
      resourceLimits,
      lost: (error) => this.#die(error),
    });
    this.#worker.on("message", (answer: Answer) => this.#hear(answer));
    this.#worker.on("exit", (code) => this.#die(new Error(`the store's thread ended with code ${code}`)));
  }

  /**
   * Begins to read `file`; makes it when there never was one. When all `versions` are read, `begin` tells whether the file is sound, and `transformed`
   * what the Transformer could not read.
   */
  async open(file: string, transformer?: Transformer): Promise<Recovered> {
    this.#transformed = new Transformed(transformer);
    return { ...(await this.#ask("open", file)), versions: this.#versions() };
  }

  begin(): Promise<Opened> {
    return this.#ask("begin");
  }

  get transformed(): Transformed {
    return this.#transformed;
  }

  /**
   * Writes every record anew that its Transformer calls stale, those of the history too; other commits go on in between. When it resolves, no stale
   * record is in the file. Resolves with how many there were.
   */
  async rewrite(): Promise<number> {
    let count = 0;
    for (const prefix of this.#transformed.prefixes) count += await this.#rewriteBelow(prefix);
    return count;
  }

  async #rewriteBelow(prefix: Path): Promise<number> {
    let count = 0;
    for (let after = 0; ; ) {
      const stored = await this.#ask("stored", prefix, after);
      const last = stored.at(-1);
      if (!last) return count;
      const renewed = this.#transformed.renewed(stored);
      if (renewed.length > 0) await this.#ask("replace", renewed);
      count += renewed.length;
      after = last[0];
    }
  }

  /** Wipes what was overwritten from the file and its log. Rejects when that could not be done, which does no harm. */
  async scrub(): Promise<void> {
    const problem = await this.#ask("scrub");
    if (problem !== undefined) throw new Error(problem);
  }

  /** One transaction; several when the Objects are so large that the thread should not hold them all. */
  async commit({ events, forgotten, compacted, sizes }: Batch): Promise<void> {
    let drop = forgotten.flatMap(unneeded);
    let versions: Version[] = [];
    let characters = 0;
    let durable: number | undefined;
    for (const event of events) {
      const version = this.#transformed.toStorage(event, sizes);
      versions.push(version);
      characters += version[2]?.length ?? 0;
      if (characters < LARGEST_TRANSACTION && event !== events.at(-1)) continue;
      const transaction = { revision: event.revision, compacted, versions, drop };
      await this.#ask("commit", transaction).catch((error: unknown) => {
        if (error instanceof JournalError && durable !== undefined) error.durable = durable;
        throw error;
      });
      durable = event.revision;
      [versions, drop, characters] = [[], [], 0];
    }
  }

  probe(): Promise<void> {
    return this.#ask("probe");
  }

  async backup(file: string): Promise<void> {
    const problem = await this.#ask("backup", file);
    if (problem !== undefined) throw new Error(`no backup was made: ${problem}`);
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#dead) return;
    const ended = new Promise((resolve) => this.#worker.once("exit", resolve));
    await this.#ask("close").catch(() => this.#worker.terminate());
    await ended;
  }

  async *#versions(): AsyncGenerator<Version[]> {
    for (;;) {
      const batch = await this.#ask("read");
      if (batch.length === 0) return;
      yield this.#transformed.fromStorage(batch);
    }
  }

  #ask<Q extends keyof Questions>(ask: Q, ...given: Parameters<Questions[Q]>): Promise<ReturnType<Questions[Q]>> {
    const answer = this.#mutex.run(() => this.#put({ ask, with: given } as Question));
    return answer as Promise<ReturnType<Questions[Q]>>;
  }

  #put(question: Question): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#dead) return reject(this.#dead);
      this.#asked = { resolve, reject };
      this.#worker.postMessage(question);
    });
  }

  #hear(answer: Answer): void {
    if (!answer.ok && answer.unasked) {
      this.onBroken?.(toError(answer));
      return;
    }
    const asked = this.#asked;
    this.#asked = undefined;
    if (answer.ok) asked?.resolve(answer.value);
    else asked?.reject(toError(answer));
  }

  #die(error: unknown): void {
    if (this.#dead) return;
    const message = `the store's thread died: ${error}. Writes are refused, workloads go on. Restart the daemon; every acknowledged write is safe`;
    this.#dead = new JournalError({ ok: false, reason: "StoreFailed", message }, error);
    this.#asked?.reject(this.#dead);
    if (!this.#closing) this.onBroken?.(this.#dead);
  }
}

/** Once an event is forgotten, nobody asks for what it replaced; a deletion leaves nothing at all. */
function unneeded(event: StoreEvent): number[] {
  const replaced = event.previous ? [Number(event.previous.metadata.resourceVersion)] : [];
  return event.type === "DELETED" ? [...replaced, event.revision] : replaced;
}

const toError = ({ health, cause }: Broken): JournalError => new JournalError(health, cause);
