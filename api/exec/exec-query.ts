import { badRequest } from "../errors.ts";
import type { ExecRequest, TerminalRequest } from "./exec-session.ts";

/** What may be asked, in the words of Kubernetes' `PodExecOptions` where it has them. Everything else is refused: who asks for another account must not get this one. */
const known = ["command", "stdin", "tty", "columns", "rows", "term"];
const LARGEST_SIDE = 10_000;
const USUAL = { columns: 80, rows: 24, name: "xterm" };

export function execQuery({ command, stdin, terminal }: ExecRequest): string {
  const query = new URLSearchParams(command.map((word) => ["command", word]));
  if (stdin) query.set("stdin", "true");
  if (terminal) {
    query.set("tty", "true");
    query.set("columns", String(terminal.columns));
    query.set("rows", String(terminal.rows));
    query.set("term", terminal.name);
  }
  return `?${query}`;
}

/** Throws BadRequest. */
export function execRequestOf(query: URLSearchParams): ExecRequest {
  const strange = [...query.keys()].find((name) => !known.includes(name));
  if (strange !== undefined) throw badRequest(`exec has no query parameter ${JSON.stringify(strange)}`);
  const command = query.getAll("command");
  if (command.length === 0 || command[0] === "") throw badRequest("you must specify at least one command");
  return {
    command,
    stdin: query.get("stdin") === "true",
    ...(query.get("tty") === "true" && { terminal: terminalOf(query) }),
  };
}

function terminalOf(query: URLSearchParams): TerminalRequest {
  const name = query.get("term") ?? USUAL.name;
  if (!/^[\w.+-]{1,64}$/.test(name)) throw badRequest("query parameter term is no name of a terminal");
  return { columns: sideOf(query, "columns"), rows: sideOf(query, "rows"), name };
}

function sideOf(query: URLSearchParams, side: "columns" | "rows"): number {
  const text = query.get(side);
  if (text === null) return USUAL[side];
  if (!isSide(Number(text))) throw badRequest(`query parameter ${side} must be a whole number up to ${LARGEST_SIDE}`);
  return Number(text);
}

export const isSide = (side: unknown): side is number =>
  Number.isInteger(side) && Number(side) > 0 && Number(side) <= LARGEST_SIDE;
