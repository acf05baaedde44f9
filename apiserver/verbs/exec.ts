import { badRequest } from "../../api/errors.ts";
import { EXEC_PROTOCOL } from "../../api/exec/exec-connection.ts";
import { execRequestOf } from "../../api/exec/exec-query.ts";
import { FramedConnection } from "../../api/exec/framed-connection.ts";
import { makeKey } from "../../api/object.ts";
import { serveSession } from "../exec/serve-session.ts";
import { nameOf } from "../router.ts";
import type { Serve } from "../services.ts";

/** What goes wrong before the command begins is a Status over HTTP; from then on the connection is the session's, and the command ends with it. */
export const exec: Serve = async (exchange, request, { registry }) => {
  const wanted = execRequestOf(request.query);
  if (!exchange.isUpgrade || exchange.request.headers.upgrade !== EXEC_PROTOCOL) {
    throw badRequest(`exec needs the headers Connection: Upgrade and Upgrade: ${EXEC_PROTOCOL}`);
  }
  const { resource, namespace, subresource } = request;
  const key = makeKey(namespace, nameOf(request));
  const session = await registry.openExec(resource, key, subresource, wanted, exchange.user!.name);
  try {
    if (exchange.gone.aborted) return;
    await serveSession(session, new FramedConnection(exchange.switchTo(EXEC_PROTOCOL)), exchange.gone);
  } finally {
    await session.close();
  }
};
