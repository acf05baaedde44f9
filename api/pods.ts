import { badRequest } from "./errors.ts";

/** The one container of every Pod. */
export const mainContainer = "main";

/** Throws BadRequest for another container, in the words of the real server. Without a name the only one is meant. */
export function assertMainContainer(container: string | null, pod: string): void {
  if (container === null || container === "" || container === mainContainer) return;
  throw badRequest(`container ${container.slice(0, 200)} is not valid for pod ${pod}`);
}
