import { makeKey } from "../../api/object.ts";
import { Quiet } from "../../lib/quiet.ts";
import { portForwardDoorOf } from "../exec/port-forward/port-forward-doors.ts";
import { IDLE_MS } from "../exec/serve-session.ts";
import { nameOf } from "../router.ts";
import type { Serve } from "../services.ts";

/** Connections to ports, for as long as the client stays, may, and something moves. What is wrong with a port is told to who connects to it. */
export const portForward: Serve = async (exchange, request, { registry, clock }) => {
  const door = portForwardDoorOf(exchange);
  const { resource, namespace, subresource } = request;
  const key = makeKey(namespace, nameOf(request));
  const ports = await registry.openPorts(resource, key, subresource, exchange.authority!);
  const quiet = new Quiet(clock, IDLE_MS);
  try {
    const { gone } = exchange;
    const { PortForwardConnection } = await import("../exec/port-forward/port-forward-connection.ts"); // Few need it.
    if (gone.aborted) return;
    const connection = new PortForwardConnection(door(exchange), { clock, ports, moved: () => quiet.broken() });
    const end = (): void => connection.destroy();
    gone.addEventListener("abort", end, { once: true });
    void quiet.longEnough.then(end);
    await connection.over;
  } finally {
    quiet.close();
    ports.close();
  }
};
