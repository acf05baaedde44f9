/** Something the user did or must know: printed as `error: message`, never with a stack trace. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: number;
  /** Printed after the message as it is: how to go on. */
  readonly hint: string | undefined;

  /** Before the message; `error` unless it was somebody else's decision. */
  readonly label: string;

  constructor(message: string, options: { hint?: string; exitCode?: number; label?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? 1;
    this.hint = options.hint;
    this.label = options.label ?? "error";
  }
}

/** The command line itself is wrong; help is the way on. */
export const usageFailure = (verb: string, message: string): Failure =>
  new Failure(message, { hint: `See 'wctl ${verb ? `${verb} ` : ""}--help' for usage.` });

/** The same errors with another exit code, for verbs whose 1 means something else. */
export class Exit extends AggregateError {
  readonly exitCode: number;

  constructor(exitCode: number, error: unknown) {
    super(error instanceof AggregateError ? error.errors : [error]);
    this.exitCode = exitCode;
  }
}
