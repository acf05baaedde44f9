import { badRequest } from "../../api/errors.ts";
import { channels } from "../../api/exec/exec-connection.ts";
import { execRequestOf } from "../../api/exec/exec-query.ts";
import type { ExecRequest } from "../../api/exec/exec-session.ts";
import { assertMainContainer } from "../../api/pods.ts";
import { isTrue } from "../http/query.ts";
import type { SessionStreams } from "./session-doors.ts";

const flags = ["stdin", "stdout", "stderr", "tty"] as const;
const ofPods = ["container", "stdout", "stderr"] as const;

/** Kubernetes' `PodExecOptions`, from the query. `name`: of the Pod. Throws BadRequest. */
export function podExecOptionsOf(
  query: URLSearchParams,
  name: string,
): { request: ExecRequest; streams: SessionStreams } {
  const streams = podStreamsOf(query, name);
  const rest = new URLSearchParams(query);
  for (const one of ofPods) rest.delete(one);
  rest.set("stdin", String(streams.stdin));
  rest.set("tty", String(streams.terminal));
  return { request: execRequestOf(rest), streams };
}

/** Kubernetes' `PodAttachOptions`. Throws BadRequest. */
export function podAttachOptionsOf(query: URLSearchParams, name: string): SessionStreams {
  const streams = podStreamsOf(query, name);
  if (streams.stdin) throw badRequest("nobody holds the input of a program: attach without --stdin (-i)");
  return streams;
}

function podStreamsOf(query: URLSearchParams, name: string): SessionStreams {
  assertMainContainer(query.get("container"), name);
  const [stdin, stdout, stderr, terminal] = flags.map((flag) => isTrue(query.get(flag))) as [
    boolean,
    boolean,
    boolean,
    boolean,
  ];
  if (!stdin && !stdout && !stderr) throw badRequest("you must specify at least 1 of stdin, stdout, stderr");
  if (stderr && terminal) throw badRequest("tty and stderr cannot both be true");
  return { stdin, terminal, outputs: [...(stdout ? [channels.stdout] : []), ...(stderr ? [channels.stderr] : [])] };
}
