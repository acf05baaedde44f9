import type { Stored } from "../../../../api/object.ts";
import type { Condition } from "../../../../api/types.generated.ts";

interface Waited {
  status?: { phase?: string; conditions?: Condition[] };
}

/** For the moving line: `Waiting for condition=Ready of process/web: 0 of 1 instance ready: …` */
export function waitText(text: string, name: string, object: Stored | undefined): string {
  const state = object && stateOf(text, object);
  return `Waiting for ${text} of ${name}${state ? `: ${state}` : ""}`;
}

/** What the condition says of itself; of anything else that is awaited, or where it says nothing, the phase. */
function stateOf(text: string, object: Stored): string | undefined {
  const { phase, conditions = [] } = (object as Waited).status ?? {};
  const [, type] = /^condition=([^=]+)/i.exec(text) ?? [];
  const condition = conditions.find((one) => one.type.toLowerCase() === type?.toLowerCase());
  return condition?.message || phase;
}
