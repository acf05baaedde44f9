import { badRequest } from "../../api/errors.ts";
import { channels } from "../../api/exec/exec-connection.ts";
import { execRequestOf } from "../../api/exec/exec-query.ts";
import type { ExecRequest } from "../../api/exec/exec-session.ts";
import { assertMainContainer } from "../../api/pods.ts";
import { isTrue } from "../http/query.ts";

export interface PodExecOptions {
  request: ExecRequest;
  /** The channels that the client wants to hear. */
  outputs: number[];
}

const flags = ["stdin", "stdout", "stderr", "tty"] as const;
const ofPods = ["container", "stdout", "stderr"] as const;

/** Kubernetes' `PodExecOptions`, from the query. `name`: of the Pod. Throws BadRequest. */
export function podExecOptionsOf(query: URLSearchParams, name: string): PodExecOptions {
  assertMainContainer(query.get("container"), name);
  const [stdin, stdout, stderr, tty] = flags.map((flag) => isTrue(query.get(flag)));
  if (!stdin && !stdout && !stderr) throw badRequest("you must specify at least 1 of stdin, stdout, stderr");
  if (stderr && tty) throw badRequest("tty and stderr cannot both be true");
  const rest = new URLSearchParams(query);
  for (const one of ofPods) rest.delete(one);
  rest.set("stdin", String(stdin));
  rest.set("tty", String(tty));
  const outputs = [...(stdout ? [channels.stdout] : []), ...(stderr ? [channels.stderr] : [])];
  return { request: execRequestOf(rest), outputs };
}
