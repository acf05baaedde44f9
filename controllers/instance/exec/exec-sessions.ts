import { badRequest, StatusError } from "../../../api/errors.ts";
import type { ExecRequest, ExecSession } from "../../../api/exec/exec-session.ts";
import { keyOf, type Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { EventRecorder } from "../../../machinery/event-recorder.ts";
import { type Runtime, StartError } from "../../../runtime/runtime.ts";
import { notRunning } from "./not-running.ts";

/** Commands at once. Each costs a process, descriptors and a connection, and may last for days. */
const MOST = { ofAll: 100, ofOne: 10 };

export interface ExecSessionsOptions {
  runtime: Pick<Runtime, "get" | "openExec" | "subscribe">;
  recorder: EventRecorder;
  logger: Logger;
}

/**
 * Commands that people run beside the Instances of this node. Each is told as an Event of its Instance, with who runs it: the program alone, since
 * arguments may be secrets. It ends with the run beside which it was begun.
 */
export class ExecSessions {
  readonly #options: ExecSessionsOptions;
  readonly #open = new Map<string, Set<ExecSession>>();
  readonly #unsubscribe: () => void;
  /** Those being opened too. */
  #count = 0;

  constructor(options: ExecSessionsOptions) {
    this.#options = options;
    this.#unsubscribe = options.runtime.subscribe((event) => {
      if (event.type === "exited") for (const session of this.#open.get(event.uid) ?? []) void session.close();
    });
  }

  /** Rejects with `StatusError`. The caller closes the session. */
  async open(object: Stored, request: ExecRequest, user: string): Promise<ExecSession> {
    const instance = object as Stored<Instance>;
    const { runtime, recorder, logger } = this.#options;
    const { uid, name } = instance.metadata;
    if (runtime.get(uid)?.phase !== "running") throw notRunning(instance);
    const sessions = this.#open.get(uid) ?? new Set();
    if (this.#count >= MOST.ofAll || sessions.size >= MOST.ofOne) throw tooMany(name);
    this.#count++;
    try {
      const session = await runtime.openExec(uid, request).catch((error) => {
        throw statusOf(error);
      });
      this.#open.set(uid, sessions.add(session));
      const [program = "", ...args] = request.command;
      const what = args.length === 0 ? program : `${program} (with ${args.length} arguments)`;
      recorder.event(instance, "Normal", "Exec", `${user} runs ${what}`);
      logger.info("exec begins", { instance: keyOf(instance), user, program, arguments: args.length });
      return this.#watched(session, instance, user);
    } catch (error) {
      this.#count--;
      throw error;
    }
  }

  close(): void {
    this.#unsubscribe();
  }

  #watched(session: ExecSession, instance: Stored<Instance>, user: string): ExecSession {
    const { uid } = instance.metadata;
    const ended = session.ended.catch((error) => {
      throw statusOf(error);
    });
    const over = (how: object): void => {
      const sessions = this.#open.get(uid);
      if (!sessions?.delete(session)) return;
      if (sessions.size === 0) this.#open.delete(uid);
      this.#count--;
      this.#options.logger.info("exec ended", { instance: keyOf(instance), user, ...how });
    };
    ended.then(over, (error) => over({ error: String(error) }));
    return {
      ...session,
      ended,
      close: async () => {
        await session.close();
        over({ why: "closed" });
      },
    };
  }
}

const tooMany = (name: string): StatusError =>
  new StatusError(
    "TooManyRequests",
    `instance "${name}": too many commands run beside it or beside others: at most ${MOST.ofOne} beside one, ${MOST.ofAll} in all`,
  );

/** `causes` names the reason for programs: shells have exit codes of their own for some. */
function statusOf(error: unknown): unknown {
  if (!(error instanceof StartError)) return error;
  const { reason, message } = error;
  const causes = [{ reason, message }];
  if (reason === "SystemError") return new StatusError("InternalError", message, { details: { causes }, cause: error });
  return badRequest(message, error, causes);
}
