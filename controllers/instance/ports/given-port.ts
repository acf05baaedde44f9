/** A number that a copy of a Process was given for one of its ports. */
export interface GivenPort {
  /** The uid of the Process, or of an Instance that has none. */
  owner: string;
  index: number;
  name: string;
  port: number;
}

export const copyKey = ({ owner, index, name }: Omit<GivenPort, "port">): string => `${owner}/${index}/${name}`;
