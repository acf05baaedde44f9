import { makeKey } from "../../api/object.ts";
import { execDoorOf } from "../exec/exec-doors.ts";
import { serveSession } from "../exec/serve-session.ts";
import { nameOf } from "../router.ts";
import type { Serve } from "../services.ts";

/** What goes wrong before the command begins is a Status over HTTP; from then on the connection is the session's, and the command ends with it. */
export const exec: Serve = async (exchange, request, { registry, clock }) => {
  const name = nameOf(request);
  const door = execDoorOf(exchange, request.query, name);
  const { resource, namespace, subresource } = request;
  const key = makeKey(namespace, name);
  const session = await registry.openExec(resource, key, subresource, door.request, exchange.authority!);
  try {
    const { gone } = exchange;
    if (gone.aborted) return;
    const connection = await door.open(exchange, clock);
    if (connection) await serveSession(session, connection, { gone, why: () => exchange.endedFor, clock });
  } finally {
    await session.close();
  }
};
