import type { ExecSession } from "../../api/exec/exec-session.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Exchange } from "../http/exchange.ts";
import { serveSession } from "./serve-session.ts";
import type { SessionDoor, SessionStreams } from "./session-doors.ts";

/** From here on the connection is the session's, and the session ends with it. */
export async function carrySession(
  session: ExecSession,
  { door, streams, exchange, clock }: { door: SessionDoor; streams: SessionStreams; exchange: Exchange; clock: Clock },
): Promise<void> {
  const { gone } = exchange;
  try {
    if (gone.aborted) return;
    const connection = await door.open(exchange, clock, streams);
    if (connection) await serveSession(session, connection, { gone, why: () => exchange.endedFor, clock });
  } finally {
    await session.close();
  }
}
