import type { Usage } from "../../../api/metrics.ts";
import { plain } from "./plain.ts";

export type TreeMember = NonNullable<Usage["tree"]>[number];

export interface TreeRow {
  /** What is drawn before the name: `├─`, `│ └─`. Empty for a root. */
  lead: string;
  member: TreeMember;
}

/**
 * The processes of one tree, parents before their children, brothers by pid. A process whose parent is not among them is a root; what a program
 * says of itself can form no circle here, because each is drawn once.
 */
export function treeRows(members: readonly TreeMember[]): TreeRow[] {
  const pids = new Set(members.map(({ pid }) => pid));
  const byParent = Map.groupBy(members, ({ pid, parent }) => (parent !== pid && pids.has(parent) ? parent : 0));
  const rows: TreeRow[] = [];
  const drawn = new Set<number>();
  const draw = (member: TreeMember, lead: string, below: string): void => {
    if (drawn.has(member.pid)) return;
    drawn.add(member.pid);
    rows.push({ lead, member });
    const children = byParent.get(member.pid) ?? [];
    for (const [at, child] of children.entries()) {
      const isLast = at === children.length - 1;
      draw(child, `${below}${isLast ? "└─" : "├─"}`, `${below}${isLast ? "  " : "│ "}`);
    }
  };
  for (const member of [...(byParent.get(0) ?? []), ...members]) draw(member, "", "");
  return rows;
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
