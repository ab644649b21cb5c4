/** What is in the file is not what H2 writes: it is damaged, hostile, or was overwritten while it was read. */
export class Damage extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Damage';
  }
}

/** A version of the store refers to a chunk that is not there, or its layout cannot be read: H2 goes back to an older version then. */
export class VersionLost extends Damage {}
