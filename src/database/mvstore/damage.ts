/** What is in the file is not what H2 writes: it is damaged, hostile, or was overwritten while it was read. */
export class Damage extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Damage';
  }
}
