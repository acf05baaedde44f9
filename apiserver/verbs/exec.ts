import { execRequestOf } from "../../api/exec/exec-query.ts";
import { makeKey } from "../../api/object.ts";
import { carrySession } from "../exec/carry-session.ts";
import { podExecOptionsOf } from "../exec/pod-options.ts";
import { sessionDoorOf } from "../exec/session-doors.ts";
import { nameOf } from "../router.ts";
import type { Serve } from "../services.ts";

/** Our own protocol leaves it to the client what it passes over. */
const unnamed = { stdin: false, terminal: false, outputs: [] };

/** What goes wrong before the command begins is a Status over HTTP. */
export const exec: Serve = async (exchange, request, { registry, clock }) => {
  const name = nameOf(request);
  const door = sessionDoorOf(exchange);
  const { resource, namespace, subresource, query } = request;
  const asked = door.isOwn ? { request: execRequestOf(query), streams: unnamed } : podExecOptionsOf(query, name);
  const user = exchange.authority!;
  const key = makeKey(namespace, name);
  const session = await registry.openExec(resource, key, subresource, asked.request, user);
  await carrySession(session, { door, streams: asked.streams, exchange, clock });
};
