import type { Instance } from "./types.generated.ts";

/** A port of one copy, with its number. */
export interface InstancePort {
  name: string;
  port: number;
}

/** The numbers of a copy's ports, in the order of the manifest. One that the agent has yet to give is left out. */
export const portsOf = ({ ports = [], index }: Pick<Instance["spec"], "ports" | "index">): InstancePort[] =>
  ports.flatMap(({ name, port, perInstance }) =>
    port === undefined ? [] : [{ name, port: port + (perInstance ? index : 0) }],
  );

/** Those where it can be seen who listens. */
export const tcpPortsOf = ({ ports = [], index }: Pick<Instance["spec"], "ports" | "index">): InstancePort[] =>
  portsOf({ ports: ports.filter(({ protocol }) => protocol !== "UDP"), index });

/** `WCTL_PORT_HTTP_ADMIN` for the port `http-admin`. No two names of ports have the same variable. */
export const portVariable = (name: string): string => `WCTL_PORT_${name.toUpperCase().replaceAll("-", "_")}`;
