import type { Stored } from "../../api/object.ts";
import { RecentlyMade } from "./recently-made.ts";

const MIB = 1024 * 1024;
const sizeOf = (text: string): number => text.length;
/** In characters: enough for ten thousand ordinary Objects, which several clients list one after the other. */
const whole = new RecentlyMade<string>({ most: 64 * MIB, sizeOf });
const partial = new RecentlyMade<string>({ most: 32 * MIB, sizeOf });

/** Objects from the Store are frozen and shared, so each revision is written as JSON once for all clients that read it about the same time. */
function remembered(cache: RecentlyMade<string>, object: Stored, write: () => string): string {
  const known = cache.get(object);
  if (known !== undefined) return known;
  const text = write();
  if (Object.isFrozen(object)) cache.set(object, text);
  return text;
}

export const jsonOf = (object: Stored): string => remembered(whole, object, () => JSON.stringify(object));

/** `PartialObjectMetadata` of meta.k8s.io. */
export function partialJsonOf(object: Stored, version: "v1" | "v1beta1"): string {
  const metadata = remembered(partial, object, () => JSON.stringify(object.metadata));
  return `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}","metadata":${metadata}}`;
}

/** Enough for watchers that are a little apart. What is kept holds its Objects too, so large ones must not fill it: it goes only when others come. */
const MOST_LINES = 256;
const MOST_BYTES = 4 * MIB;
const lines = new Map<Stored, { type: string; line: Buffer }>();
let bytes = 0;

/** The line of a watch event, made once for all who watch at the same time. */
export function eventLineOf(type: string, object: Stored): Buffer {
  const known = lines.get(object);
  if (known?.type === type) return known.line;
  const line = Buffer.from(`{"type":"${type}","object":${jsonOf(object)}}\n`);
  if (!Object.isFrozen(object)) return line;
  lines.set(object, { type, line });
  bytes += line.length - (known?.line.length ?? 0);
  for (const [oldest, { line: former }] of lines) {
    if (oldest === object || (lines.size <= MOST_LINES && bytes <= MOST_BYTES)) break;
    lines.delete(oldest);
    bytes -= former.length;
  }
  return line;
}

/** Who is told this much later is told what was so: nobody can tell it from a slow connection. */
const MOMENT_MS = 10;
/** What was written in this moment. */
const momentary = new Map<Stored, Map<string, Buffer>>();

/**
 * The same for a form that shows more than the Object, as a row with its age: made once for all who are told in the same moment. `form` names
 * everything that the text depends on beside the Object.
 */
export function momentaryLineOf(form: string, object: Stored, write: () => string): Buffer {
  if (momentary.size === 0) setTimeout(() => momentary.clear(), MOMENT_MS).unref();
  const forms = momentary.get(object) ?? new Map<string, Buffer>();
  momentary.set(object, forms);
  const known = forms.get(form);
  if (known) return known;
  const line = Buffer.from(write());
  forms.set(form, line);
  return line;
}
