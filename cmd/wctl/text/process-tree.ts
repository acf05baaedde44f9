import type { Usage } from "../../../api/metrics.ts";
import { plain } from "./plain.ts";
import { drawTree } from "./tree-lines.ts";

export type TreeMember = NonNullable<Usage["tree"]>[number];

export interface TreeRow {
  lead: string;
  member: TreeMember;
}

/** The processes of one tree, parents before their children, brothers by pid. A process whose parent is not among them is a root. */
export function treeRows(members: readonly TreeMember[]): TreeRow[] {
  const pids = new Set(members.map(({ pid }) => pid));
  const byParent = Map.groupBy(members, ({ pid, parent }) => (parent !== pid && pids.has(parent) ? parent : 0));
  // Those of a circle too, which only a program that lies can form.
  const roots = [...(byParent.get(0) ?? []), ...members];
  return drawTree(roots, ({ pid }) => byParent.get(pid) ?? []).map(({ lead, node }) => ({ lead, member: node }));
}

/** A program may call itself anything. */
export const imageOf = ({ image }: TreeMember): string => plain(image).replace(/[\n\t]/g, " ");

/** Processor time as ps(1) shows it: `0:07`, `1:02:03`. */
export function cpuTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
