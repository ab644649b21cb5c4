import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A secret whose every appearance is a leak, by a name that tells whose it is. */
export type Canaries = Readonly<Record<string, string>>;

/** Unlike anything else, and with characters that each way of writing it down writes in another way; ASCII, as stores want it. */
export function canary(name: string): string {
  return `cnry-${name}/"&<'+% 9`;
}

/** Every canary that is in a text, in whichever form: `apim.password as base64`. */
export function leaksIn(text: string, canaries: Canaries): readonly string[] {
  return Object.entries(canaries).flatMap(([name, secret]) =>
    Object.entries(formsOf(secret)).flatMap(([form, written]) =>
      text.includes(written) ? [`${name} as ${form}`] : [],
    ),
  );
}

/** The ways in which a secret may be written down. */
function formsOf(secret: string): Readonly<Record<string, string>> {
  return {
    'plain text': secret,
    JSON: JSON.stringify(secret).slice(1, -1),
    'JSON in JSON': JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    'URL part': encodeURIComponent(secret),
    'form field': new URLSearchParams({ x: secret }).toString().slice(2),
    XML: xmlEscaped(secret).replaceAll("'", '&#39;'),
    "XML with '": xmlEscaped(secret),
    'XML with &apos;': xmlEscaped(secret).replaceAll("'", '&apos;'),
    hex: Buffer.from(secret).toString('hex'),
    ...Object.fromEntries([0, 1, 2].map((shift) => [`base64, ${shift} bytes in`, base64Core(secret, shift)])),
    ...Object.fromEntries(
      [0, 1, 2].map((shift) => [
        `base64url, ${shift} bytes in`,
        base64Core(secret, shift).replaceAll('+', '-').replaceAll('/', '_'),
      ]),
    ),
  };
}

function xmlEscaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** What of its base64 does not depend on what stands before and behind it: so the form in `Basic user:password` is found, too. */
function base64Core(secret: string, shift: number): string {
  const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)])
    .toString('base64')
    .replace(/=+$/, '');
  const [from, behind] = [shift === 0 ? 0 : shift + 1, (secret.length + shift) % 3 === 0 ? 0 : 1];
  return encoded.slice(from, encoded.length - behind);
}

/** All files below a folder in one text, their names among them. */
export async function everythingIn(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const texts = await Promise.all(files.map(async (file) => `${file}\n${await readFile(file, 'latin1')}`));
  return texts.join('\n');
}
