import { readFileSync } from "node:fs";
import type { OutgoingPorts } from "../../ports/outgoing-ports.ts";

const SETTINGS = "/proc/sys/net/ipv4";

/** Undefined where the kernel does not show its settings. */
export function outgoingPorts(
  read = (name: string) => readFileSync(`${SETTINGS}/${name}`, "utf8"),
): OutgoingPorts | undefined {
  try {
    const [low = 0, high = 0] = read("ip_local_port_range").trim().split(/\s+/).map(Number);
    return { range: [low, high], reserved: reservedIn(read("ip_local_reserved_ports")), reserve };
  } catch {
    return undefined;
  }
}

/** `8080,9000-9010`. */
const reservedIn = (text: string): [number, number][] =>
  text
    .trim()
    .split(",")
    .filter((part) => part !== "")
    .map((part) => {
      const [from = 0, to = from] = part.split("-").map(Number);
      return [from, to];
    });

const reserve = ([from, to]: readonly [number, number]): string =>
  `sysctl -w net.ipv4.ip_local_reserved_ports=${from}-${to}`;
