export interface Drawn<T> {
  /** What is drawn before the name: `├─`, `│ └─`. Empty for a root. */
  lead: string;
  node: T;
}

/** Parents before their children, in their order. Each is drawn once, so no circle goes on for ever. */
export function drawTree<T>(roots: readonly T[], childrenOf: (node: T) => readonly T[]): Drawn<T>[] {
  const rows: Drawn<T>[] = [];
  const drawn = new Set<T>();
  const draw = (node: T, lead: string, below: string): void => {
    if (drawn.has(node)) return;
    drawn.add(node);
    rows.push({ lead, node });
    const children = childrenOf(node);
    for (const [at, child] of children.entries()) {
      const isLast = at === children.length - 1;
      draw(child, `${below}${isLast ? "└─" : "├─"}`, `${below}${isLast ? "  " : "│ "}`);
    }
  };
  for (const root of roots) draw(root, "", "");
  return rows;
}
