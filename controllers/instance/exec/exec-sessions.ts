import { badRequest, StatusError } from "../../../api/errors.ts";
import type { ExecRequest, ExecSession, ExecUser } from "../../../api/exec/exec-session.ts";
import { keyOf, type Stored } from "../../../api/object.ts";
import type { Instance } from "../../../api/types.generated.ts";
import { isFairShare } from "../../../lib/fair-share.ts";
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
  /** By the uid of the Instance. */
  readonly #open = new Map<string, Set<Place>>();
  readonly #unsubscribe: () => void;

  constructor(options: ExecSessionsOptions) {
    this.#options = options;
    this.#unsubscribe = options.runtime.subscribe((event) => {
      if (event.type === "exited") for (const place of this.#open.get(event.uid) ?? []) endWithRun(place);
    });
  }

  /** Rejects with `StatusError`. The caller closes the session. */
  async open(object: Stored, request: ExecRequest, { name: user, budget }: ExecUser): Promise<ExecSession> {
    const instance = object as Stored<Instance>;
    const { runtime, recorder, logger } = this.#options;
    const { uid, name } = instance.metadata;
    if (runtime.get(uid)?.phase !== "running") throw notRunning(instance);
    const place = this.#enter(uid, name, budget);
    try {
      const session = await runtime.openExec(uid, request).catch((error) => {
        throw statusOf(error);
      });
      if (place.isOver) {
        await session.close();
        throw notRunning(instance);
      }
      place.session = session;
      const [program = "", ...args] = request.command;
      const what = args.length === 0 ? program : `${program} (with ${args.length} arguments)`;
      recorder.event(instance, "Normal", "Exec", `${user} runs ${what}`);
      logger.info("exec begins", { instance: keyOf(instance), user, program, arguments: args.length });
      return this.#watched(session, place, instance, user);
    } catch (error) {
      this.#leave(uid, place);
      throw error;
    }
  }

  close(): void {
    this.#unsubscribe();
  }

  /** Throws TooManyRequests. */
  #enter(uid: string, name: string, budget: string): Place {
    const beside = this.#open.get(uid) ?? new Set();
    const all = [...this.#open.values()].flatMap((places) => [...places]);
    if (beside.size >= MOST.ofOne) throw tooMany(`beside instance "${name}"`, MOST.ofOne);
    if (all.length >= MOST.ofAll) throw tooMany("beside all instances", MOST.ofAll);
    const mine = all.filter((place) => place.budget === budget).length;
    if (!isFairShare(mine, all.length, MOST.ofAll)) throw tooMany(`of ${budget}`, mine);
    const place: Place = { budget };
    this.#open.set(uid, beside.add(place));
    return place;
  }

  #leave(uid: string, place: Place): void {
    const places = this.#open.get(uid);
    if (!places?.delete(place)) return;
    if (places.size === 0) this.#open.delete(uid);
  }

  #watched(session: ExecSession, place: Place, instance: Stored<Instance>, user: string): ExecSession {
    const { uid } = instance.metadata;
    const ended = session.ended.catch((error) => {
      throw statusOf(error);
    });
    let isTold = false;
    const over = (how: object): void => {
      if (isTold) return;
      isTold = true;
      this.#options.logger.info("exec ended", { instance: keyOf(instance), user, ...how });
    };
    ended.then(over, (error) => over({ error: String(error) }));
    return {
      ...session,
      ended,
      close: async () => {
        await session.close();
        this.#leave(uid, place);
        over({ why: "closed" });
      },
    };
  }
}

/**
 * It is taken before the command begins, so that many who come at once are no more than others, and given back when the session is closed: what has ended
 * while its client does not read still holds descriptors and a connection.
 */
interface Place {
  readonly budget: string;
  session?: ExecSession;
  /** The run beside which it begins has ended meanwhile. */
  isOver?: boolean;
}

function endWithRun(place: Place): void {
  place.isOver = true;
  void place.session?.close();
}

const tooMany = (where: string, most: number): StatusError =>
  new StatusError("TooManyRequests", `too many commands run ${where}: at most ${most} at once; end one of them first`);

/** `causes` names the reason for programs: shells have exit codes of their own for some. */
function statusOf(error: unknown): unknown {
  if (!(error instanceof StartError)) return error;
  const { reason, message } = error;
  const causes = [{ reason, message }];
  if (reason === "SystemError") return new StatusError("InternalError", message, { details: { causes }, cause: error });
  return badRequest(message, error, causes);
}
