import type { OutgoingPorts } from "../../ports/outgoing-ports.ts";

/** What Windows has since Vista unless somebody changed it with netsh (learn.microsoft.com, "default dynamic port range for TCP/IP"). */
export const outgoingPorts: OutgoingPorts = {
  range: [49_152, 65_535],
  reserved: [],
  reserve: ([from, to]) =>
    `netsh int ipv4 add excludedportrange protocol=tcp startport=${from} numberofports=${to - from + 1} store=persistent`,
};
