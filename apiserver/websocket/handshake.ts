import type { IncomingHttpHeaders } from "node:http";
import { badRequest } from "../../api/errors.ts";
import { acceptOf } from "./frames.ts";

/** What a client says who wants to leave HTTP for a WebSocket (RFC 6455, section 4.2). */
export interface WebSocketOffer {
  /** The protocols that it speaks, the one it likes best first. */
  protocols: readonly string[];
  /** The headers of the answer; without a protocol, none is agreed on. */
  answer(protocol?: string): Readonly<Record<string, string>>;
  /** The same, for the first of these protocols that it speaks too. Throws BadRequest when it speaks none. */
  agreed(protocols: readonly string[]): Readonly<Record<string, string>>;
}

export const wantsWebSocket = ({ upgrade }: IncomingHttpHeaders): boolean => upgrade?.toLowerCase() === "websocket";

/** Throws BadRequest for what is no offer, or one of another version. */
export function webSocketOffer(headers: IncomingHttpHeaders): WebSocketOffer {
  const key = headers["sec-websocket-key"];
  if (key === undefined || headers["sec-websocket-version"] !== "13") {
    throw badRequest("a WebSocket needs the headers Sec-WebSocket-Key and Sec-WebSocket-Version: 13");
  }
  const offered = (headers["sec-websocket-protocol"] ?? "").split(",").map((one) => one.trim());
  const answer = (protocol?: string): Readonly<Record<string, string>> => ({
    "Sec-WebSocket-Accept": acceptOf(key),
    ...(protocol === undefined ? {} : { "Sec-WebSocket-Protocol": protocol }),
  });
  return {
    protocols: offered.filter((one) => one !== ""),
    answer,
    agreed: (protocols) => {
      const protocol = protocols.find((one) => offered.includes(one));
      if (protocol !== undefined) return answer(protocol);
      throw badRequest(`Sec-WebSocket-Protocol must offer one of ${protocols.join(", ")}`);
    },
  };
}
