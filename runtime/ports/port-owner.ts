/** Who listens at a TCP port, as seen from one instance. */
export type PortOwner =
  /** Only its tree does. `sockets` names the sockets: equal names, equal sockets, so nobody else answered between two looks. */
  | { by: "own"; sockets: string }
  | { by: "nobody" }
  /** `who`: `pid 12 (/usr/bin/nc) of uid 1000`. */
  | { by: "other"; who: string }
  /** Somebody does, and the system does not tell us who. */
  | { by: "unknown"; why: string };
