import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { takenPorts } from '../../src/io/taken-ports.js';
import { portsOf } from '../../src/local-stack/ports.js';
import { TEMPLATES } from './templates.js';

/** How many offsets, from the one returned on, are the caller's. */
const BLOCK = 8;
const LOWEST = 1_000;
/** Above are the ports that the system gives to whoever asks for any. */
const HIGHEST = 22_000;

/** The first of 8 port offsets with which nothing is in the way of either server, and which no other file of this run is given. */
export async function freeOffset(): Promise<number> {
  const blocks = Math.floor((HIGHEST - LOWEST) / BLOCK);
  const first = Math.floor(Math.random() * blocks);
  for (let tries = 0; tries < blocks; tries++) {
    const offset = LOWEST + ((first + tries) % blocks) * BLOCK;
    if ((await isMine(offset)) && (await takenPorts(portsOfBlock(offset))).length === 0) return offset;
  }
  throw new Error('no port offset is free');
}

async function isMine(offset: number): Promise<boolean> {
  if (TEMPLATES === undefined) return true;
  return mkdir(join(TEMPLATES, `offset-${offset}`)).then(
    () => true,
    () => false,
  );
}

function portsOfBlock(offset: number): readonly number[] {
  const offsets = Array.from({ length: BLOCK }, (_, index) => offset + index);
  return [...new Set(offsets.flatMap((own) => portsOf('apim', own)))];
}
