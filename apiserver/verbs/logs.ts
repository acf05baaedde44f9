import { LOG_FRAMES } from "../../api/log-frame.ts";
import { makeKey } from "../../api/object.ts";
import { assertMainContainer } from "../../api/pods.ts";
import { nameOf } from "../router.ts";
import type { Serve } from "../services.ts";
import { logOptionsOf } from "./log-query.ts";

/** A follower without output learns after this long that its request was accepted. */
const FIRST_LINE_MS = 200;

/** `text/plain` or frames, at the pace of the reader. What goes wrong before the first byte is a Status; later the connection is cut. */
export const logs: Serve = async (exchange, request, services) => {
  const options = logOptionsOf(request.query);
  const { resource, namespace, subresource } = request;
  const name = nameOf(request);
  assertMainContainer(request.query.get("container"), name);
  const key = makeKey(namespace, name);
  const log = await services.registry.streamLog(resource, key, subresource, options, exchange.gone);
  const lines = log[Symbol.asyncIterator]();
  try {
    let next = lines.next();
    await Promise.race([next, soon()]);
    const stream = exchange.follow(options.frames ? LOG_FRAMES : "text/plain");
    for (let line = await next; !line.done; line = await next) {
      await stream.write(line.value);
      if (exchange.gone.aborted) break;
      next = lines.next();
    }
    stream.end();
  } finally {
    await lines.return?.();
  }

  function soon(): Promise<void> {
    if (!options.follow) return new Promise(() => {});
    return new Promise((resolve) => services.clock.after(FIRST_LINE_MS, resolve));
  }
};
