import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ofBundle, ofHomes } from './diagnose.js';
import { HEALTHY_PAIRS } from './healthy-pairs.js';
import { removePairs, withPair } from './pairs.js';

/** What is true of some healthy pairs, too: the guide's recipe on newer releases, and the stores that API Manager 4.4 and 4.5 ship. */
const TRUE_NOTES = ['RECIPE_CURRENT_FITS', 'STORE_UNPROTECTED', 'CERT_ISSUER_TRUSTED'];

test('nothing is found in healthy pairs that breaks them, or is a risk', async () => {
  let alarms = 0;
  for (const request of HEALTHY_PAIRS) {
    const findings = await withPair(request, async (pair) => {
      await request.also?.(pair);
      return [...(await ofHomes(pair)), ...(request.isSent ? await ofBundle(pair) : [])];
    });
    const wrong = findings.filter(({ severity, code }) => severity !== 'note' || !TRUE_NOTES.includes(code));
    alarms += wrong.length;
    for (const { severity, code, where, message } of wrong)
      process.stdout.write(`false alarm: ${request.title}: ${severity} ${code} ${where} ${message}\n`);
  }
  await removePairs();
  process.stdout.write(`doctor: ${alarms} false alarms in ${HEALTHY_PAIRS.length} healthy pairs\n`);
  assert.is(alarms, 0);
});

test.run();
