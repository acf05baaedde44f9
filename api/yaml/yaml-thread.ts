import { setImmediate as immediate } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import type { Clock, Timer } from "../../lib/clock.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import { startWorker } from "../../lib/worker.ts";
import { ManifestError } from "../manifest-error.ts";
import type { Variables } from "../variables/expand.ts";
import { readSimple } from "./simple/read-simple.ts";
import { withLines, type YamlDocument } from "./yaml-document.ts";
import { yamlText } from "./yaml-text.ts";
import type { Answer, Question } from "./yaml-worker.ts";

/** Bytes of a simple text that is read here: it takes two or three milliseconds. */
const SIMPLE = 64 * 1024;
/** Bytes of simple texts, until others have a turn of the event loop. */
const MOST_IN_A_TURN = 32 * 1024;
/** Bytes of any text that is read here at once: a bad one of this size takes some tens of milliseconds. */
const SMALL = 8 * 1024;
/** In a second: a source may have thousands of small texts. */
const MOST_IN_A_SECOND = 4 * SMALL;
/** For one text. On a machine with nothing else to do the worst takes a fifth of it. */
const LONGEST_MS = 10_000;
/** An idle thread costs some MiB. */
const IDLE_MS = 10_000;
const resourceLimits = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 256 };

/** It was not read to its end: another try may do better, when the machine has less to do. */
export class UnreadYaml extends Error {}

/**
 * Reads YAML for a daemon. What is simple is read here, with turns for others between the texts. A thread of its own reads every other text that is longer than a few
 * lines, or one of many, one after the other, within a time and a memory limit, so that no text delays the rest of the daemon. The thread is started when it is
 * needed, and ends when it is idle.
 */
export class YamlThread {
  readonly #clock: Clock;
  readonly #oneAtATime = new Semaphore(1);
  readonly #closing = new AbortController();
  #worker: Worker | undefined;
  #idle: Timer | undefined;
  /** Bytes, in the second that began then. */
  #readHere = 0;
  #second = Number.NEGATIVE_INFINITY;
  /** Bytes, in this turn of the event loop. */
  #inThisTurn = 0;
  #nextTurn: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * As `readYaml`, with `variables` put in; rejects with UnreadYaml when it takes too much. Lines of fields are not known of a document that is longer than what is
   * read here.
   */
  async readYaml(source: Uint8Array, file: string, variables?: Variables): Promise<YamlDocument[]> {
    const reading = variables && { variables };
    if (source.byteLength <= SIMPLE) {
      await this.#turn(source.byteLength);
      const simple = readSimple(yamlText(source, file), file, reading);
      if (simple) return simple;
    }
    const { composeAny, readYaml } = await import("./read-yaml.ts");
    if (source.byteLength <= SMALL && this.#mayReadHere(source.byteLength)) return readYaml(source, file, reading);
    const documents = await this.#oneAtATime.run(() => this.#ask({ source, file, variables }));
    return documents.map((document) => withLines(document, composeAny, SMALL));
  }

  /** Resolves when so many bytes may be read here. */
  async #turn(bytes: number): Promise<void> {
    while (this.#inThisTurn > 0 && this.#inThisTurn + bytes > MOST_IN_A_TURN) {
      this.#nextTurn ??= immediate().then(() => {
        this.#nextTurn = undefined;
        this.#inThisTurn = 0;
      });
      await this.#nextTurn;
    }
    this.#inThisTurn += bytes;
  }

  #mayReadHere(bytes: number): boolean {
    const now = this.#clock.now();
    if (now - this.#second >= 1000) {
      this.#second = now;
      this.#readHere = 0;
    }
    if (this.#readHere + bytes > MOST_IN_A_SECOND) return false;
    this.#readHere += bytes;
    return true;
  }

  /** Gives up the text that is being read, and those that wait. */
  close(): void {
    this.#closing.abort();
    this.#idle?.cancel();
    this.#end();
  }

  async #ask(question: Question) {
    if (this.#closing.signal.aborted) throw new UnreadYaml("the reading thread is closed");
    this.#idle?.cancel();
    const answer = await this.#answerTo(question);
    if ("documents" in answer) return answer.documents;
    throw new ManifestError({ file: question.file, ...answer.refused }, answer.refused.problem);
  }

  #answerTo(question: Question): Promise<Answer> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const give = (up: string): void => {
      this.#end();
      reject(new UnreadYaml(up));
    };
    const failed = ({ code, message }: NodeJS.ErrnoException): void =>
      give(
        code === "ERR_WORKER_OUT_OF_MEMORY"
          ? "it takes too much memory to read: make it simpler, or split it"
          : `the reading thread failed: ${message}`,
      );
    const ended = (): void => give("the reading thread ended");
    this.#idle = this.#clock.after(LONGEST_MS, () =>
      give(`it takes longer than ${LONGEST_MS / 1000} s to read: make it simpler, or split it`),
    );
    worker.once("message", resolve).once("error", failed).once("exit", ended);
    worker.ref();
    worker.postMessage(question);
    return promise.finally(() => {
      // Each by itself: after removeAllListeners a Worker gives no message to whoever listens later.
      worker.off("message", resolve).off("error", failed).off("exit", ended);
      this.#rest(worker);
    });
  }

  #rest(worker: Worker): void {
    worker.unref();
    this.#idle?.cancel();
    this.#idle = this.#worker && this.#clock.after(IDLE_MS, () => this.#end());
  }

  #start(): Worker {
    const lost = (): void => {}; // Those who wait for an answer are told of it too.
    return startWorker(new URL("./yaml-worker.ts", import.meta.url), { name: "yaml", resourceLimits, lost });
  }

  #end(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
  }
}
