import type { Stored } from "../api/object.ts";

const whole = new WeakMap<object, string>();
const partial = new WeakMap<object, string>();

/** Objects from the Store are frozen and shared, so each revision is written as JSON once, however many clients read it. */
function remembered(cache: WeakMap<object, string>, object: Stored, write: () => string): string {
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
