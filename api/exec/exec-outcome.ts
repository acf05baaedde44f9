import { constants } from "node:os";
import { type Status, StatusError } from "../errors.ts";
import type { ExecEnd } from "./exec-session.ts";

/** The last message of a session: a Status, in the words of `v5.channel.k8s.io`. */
export type ExecOutcome = Omit<Status, "reason"> & { reason?: string };

const SIGNALLED = 128;
/** As shells have it. */
const exitCodes: Readonly<Record<string, number>> = { CommandNotFound: 127, NotExecutable: 126, ScriptRefused: 126 };

export function outcomeOf({ code, signal }: ExecEnd): ExecOutcome {
  const common = { kind: "Status", apiVersion: "v1", metadata: {} } as const;
  if (code === 0) return { ...common, status: "Success" };
  const number = code ?? SIGNALLED + ((constants.signals as Record<string, number>)[signal ?? ""] ?? 0);
  const causes = [{ reason: "ExitCode", message: String(number) }];
  return {
    ...common,
    status: "Failure",
    reason: "NonZeroExitCode",
    message: signal === undefined ? `command terminated with exit code ${number}` : `command was ended by ${signal}`,
    details: { causes: signal === undefined ? causes : [...causes, { reason: "Signal", message: signal }] },
  };
}

/** The exit code for whoever started the command, and what a person should read; throws the StatusError of a command that did not begin. */
export function endedWith(outcome: object): { code: number; message?: string } {
  const { status, message } = outcome as { status?: unknown; message?: unknown };
  if (status === "Success") return { code: 0 };
  const error = StatusError.fromStatus(outcome);
  const code = error.details?.causes?.find(({ reason }) => reason === "ExitCode")?.message;
  if (code === undefined || !/^\d{1,10}$/.test(code)) throw error;
  return {
    code: Number(code),
    message: typeof message === "string" ? message : `command terminated with exit code ${code}`,
  };
}

/** Of a command that did not begin, when its error says why. */
export function exitCodeOfFailure(error: unknown): number | undefined {
  const causes = error instanceof StatusError ? (error.details?.causes ?? []) : [];
  return causes.map(({ reason }) => exitCodes[reason ?? ""]).find((code) => code !== undefined);
}
