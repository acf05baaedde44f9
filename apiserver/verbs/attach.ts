import { makeKey } from "../../api/object.ts";
import { carrySession } from "../exec/carry-session.ts";
import { podAttachOptionsOf } from "../exec/pod-options.ts";
import { sessionDoorOf } from "../exec/session-doors.ts";
import { nameOf } from "../router.ts";
import type { Serve } from "../services.ts";

/** What goes wrong before the output begins is a Status over HTTP. */
export const attach: Serve = async (exchange, request, { registry, clock }) => {
  const name = nameOf(request);
  const door = sessionDoorOf(exchange);
  const streams = podAttachOptionsOf(request.query, name);
  const { resource, namespace, subresource } = request;
  const session = await registry.openAttach(resource, makeKey(namespace, name), subresource, streams.outputs);
  await carrySession(session, { door, streams, exchange, clock });
};
