const BLOCK = 8;

/** PITABLE of RFC 2268, section 2: a permutation of all bytes, made of the digits of pi. */
const PI_TABLE = Buffer.from(
  [
    'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32',
    'bd8f40eb86b77b0bf09521225c6b4e8254d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626',
    '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed708e8eade8052eef784aa72ac354d6a2a',
    '961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731',
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2e',
    'c5f3db47e5a59c770aa62068fe7fc1ad',
  ].join(''),
  'hex',
);

/**
 * Decrypts RC2 in CBC mode (RFC 2268), the padding left on. Stores of IS 7.1 and later are encrypted so, and OpenSSL 3 has no RC2 any
 * more.
 */
export function decryptRc2Cbc(key: Buffer, effectiveBits: number, iv: Buffer, sealed: Buffer): Buffer {
  const schedule = expandKey(key, effectiveBits);
  const clear = Buffer.alloc(sealed.length - (sealed.length % BLOCK));
  for (let at = 0; at < clear.length; at += BLOCK) {
    decryptBlock(sealed, clear, at, schedule);
    for (let i = 0; i < BLOCK; i++) {
      clear[at + i] = (clear[at + i] ?? 0) ^ ((at === 0 ? iv[i] : sealed[at - BLOCK + i]) ?? 0);
    }
  }
  return clear;
}

/** 64 words of 16 bits from 128 bytes; how strong the key may be is settled on the way. */
function expandKey(key: Buffer, effectiveBits: number): Uint16Array {
  const expanded = Buffer.alloc(128);
  key.copy(expanded);
  const pi = (index: number) => PI_TABLE[index & 0xff] ?? 0;
  const at = (index: number) => expanded[index] ?? 0;
  for (let i = key.length; i < 128; i++) expanded[i] = pi(at(i - 1) + at(i - key.length));
  const effectiveBytes = Math.ceil(effectiveBits / 8);
  const start = 128 - effectiveBytes;
  expanded[start] = pi(at(start) & (0xff >> (8 * effectiveBytes - effectiveBits)));
  for (let i = start - 1; i >= 0; i--) expanded[i] = pi(at(i + 1) ^ at(i + effectiveBytes));
  return Uint16Array.from({ length: 64 }, (_, index) => expanded.readUInt16LE(2 * index));
}

/** Sixteen mixing rounds backwards, with a mashing round after the fifth and the eleventh; in local variables, which makes it fast. */
function decryptBlock(sealed: Buffer, clear: Buffer, at: number, schedule: Uint16Array): void {
  const word = (offset: number) => (sealed[at + offset] ?? 0) | ((sealed[at + offset + 1] ?? 0) << 8);
  let a = word(0);
  let b = word(2);
  let c = word(4);
  let d = word(6);
  for (let round = 15; round >= 0; round--) {
    const k = 4 * round;
    d = (turnRight(d, 5) - (schedule[k + 3] ?? 0) - (c & b) - (~c & a)) & 0xffff;
    c = (turnRight(c, 3) - (schedule[k + 2] ?? 0) - (b & a) - (~b & d)) & 0xffff;
    b = (turnRight(b, 2) - (schedule[k + 1] ?? 0) - (a & d) - (~a & c)) & 0xffff;
    a = (turnRight(a, 1) - (schedule[k] ?? 0) - (d & c) - (~d & b)) & 0xffff;
    if (round !== 11 && round !== 5) continue;
    d = (d - (schedule[c & 63] ?? 0)) & 0xffff;
    c = (c - (schedule[b & 63] ?? 0)) & 0xffff;
    b = (b - (schedule[a & 63] ?? 0)) & 0xffff;
    a = (a - (schedule[d & 63] ?? 0)) & 0xffff;
  }
  clear.writeUInt16LE(a, at);
  clear.writeUInt16LE(b, at + 2);
  clear.writeUInt16LE(c, at + 4);
  clear.writeUInt16LE(d, at + 6);
}

function turnRight(word: number, bits: number): number {
  return (word >>> bits) | (word << (16 - bits));
}
