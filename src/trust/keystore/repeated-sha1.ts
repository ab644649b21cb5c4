const DIGEST_BITS = 160;

/**
 * The SHA-1 of a SHA-1 digest, of that again, and so on, `times` over (FIPS 180-4, 6.1.2). Each input is one block of the same form, and
 * so this takes a quarter of the time of as many calls into OpenSSL: the stores of IS 7.1 and later ask for 100,000 of them.
 */
export function repeatSha1(digest: Buffer, times: number): Buffer {
  const state = Int32Array.from({ length: 5 }, (_, index) => digest.readInt32BE(4 * index));
  const words = new Int32Array(80);
  words[5] = 0x80000000;
  words[15] = DIGEST_BITS;
  for (let done = 0; done < times; done++) {
    expand(state, words);
    hash(words, state);
  }
  const result = Buffer.alloc(4 * state.length);
  for (const [index, word] of state.entries()) result.writeInt32BE(word, 4 * index);
  return result;
}

/** The message schedule of a block that holds a digest; what pads it to a block is there already. */
function expand(digest: Int32Array, words: Int32Array): void {
  words.set(digest);
  for (let i = 16; i < 80; i++) {
    words[i] = rotate((words[i - 3] ?? 0) ^ (words[i - 8] ?? 0) ^ (words[i - 14] ?? 0) ^ (words[i - 16] ?? 0), 1);
  }
}

/** Eighty rounds in four kinds. They are spelt out, in local variables, because that is what makes it fast. */
function hash(words: Int32Array, result: Int32Array): void {
  let a = 0x67452301;
  let b = 0xefcdab89 | 0;
  let c = 0x98badcfe | 0;
  let d = 0x10325476;
  let e = 0xc3d2e1f0 | 0;
  let next = 0;
  for (let i = 0; i < 20; i++) {
    next = (rotate(a, 5) + ((b & c) | (~b & d)) + e + 0x5a827999 + (words[i] ?? 0)) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  for (let i = 20; i < 40; i++) {
    next = (rotate(a, 5) + (b ^ c ^ d) + e + 0x6ed9eba1 + (words[i] ?? 0)) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  for (let i = 40; i < 60; i++) {
    next = (rotate(a, 5) + ((b & c) | (b & d) | (c & d)) + e + 0x8f1bbcdc + (words[i] ?? 0)) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  for (let i = 60; i < 80; i++) {
    next = (rotate(a, 5) + (b ^ c ^ d) + e + 0xca62c1d6 + (words[i] ?? 0)) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  result[0] = a + 0x67452301;
  result[1] = b + 0xefcdab89;
  result[2] = c + 0x98badcfe;
  result[3] = d + 0x10325476;
  result[4] = e + 0xc3d2e1f0;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
