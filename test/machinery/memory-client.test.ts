/** The Client that tests of controllers use keeps what they rely on: the contract of the real ones. */
import { describe } from "node:test";
import { configMaps } from "../../api/scheme.ts";
import { clientContract, map } from "../api/client-contract.ts";
import { MemoryClient } from "./memory-client.ts";

describe("MemoryClient", () => {
  clientContract(async () => {
    const client = new MemoryClient();
    const forget = async (): Promise<void> => {
      await client.create(configMaps, map("zz-happens"));
      await client.delete(configMaps, "default/zz-happens");
      client.compact();
    };
    return { client, forget, close: async () => {} };
  });
});
