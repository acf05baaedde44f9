import { describe } from "node:test";
import { protocolContract } from "./protocol-contract.ts";

for (const protocol of ["http/1.1", "h2"] as const) {
  describe(protocol, () => protocolContract(protocol));
}
