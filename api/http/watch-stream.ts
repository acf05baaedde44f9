import { StatusError } from "../errors.ts";

/** The longest event that is taken; no stored Object is that large. */
const MAX_EVENT_LENGTH = 16 * 1024 * 1024;

export interface RawWatchEvent {
  type: string;
  object: Record<string, unknown>;
}

/**
 * Newline-delimited JSON, incrementally: each event as soon as its line is complete, wherever the pieces were cut. An ERROR event
 * becomes a StatusError, so does what is not JSON. A line that the end of the stream cut off is dropped: the watch is resumed before it.
 */
export async function* watchEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<RawWatchEvent> {
  const decoder = new TextDecoder();
  let pending: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const lines = decoder.decode(chunk, { stream: true }).split("\n");
    for (const [index, part] of lines.entries()) {
      pending.push(part);
      length += part.length;
      if (length > MAX_EVENT_LENGTH) throw broken("an event is too large");
      if (index === lines.length - 1) break;
      const line = pending.join("");
      pending = [];
      length = 0;
      if (line.trim() !== "") yield parseEvent(line);
    }
  }
}

function parseEvent(line: string): RawWatchEvent {
  let event: Partial<RawWatchEvent> | null;
  try {
    event = JSON.parse(line);
  } catch {
    throw broken("a line is not JSON");
  }
  if (typeof event?.type !== "string" || typeof event.object !== "object" || event.object === null) {
    throw broken("an event has no type or object");
  }
  if (event.type === "ERROR") throw StatusError.fromStatus(event.object);
  return { type: event.type, object: event.object };
}

const broken = (what: string): StatusError =>
  new StatusError(
    "InternalError",
    `the watch was broken off: what the server sent is not a stream of events (${what})`,
  );
