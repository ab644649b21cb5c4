import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { at, IDENTITY, withIs7 } from '../is7/stand-in.js';
import { judge } from '../recorded/different.js';
import { readRecording, replay, type Send } from '../recorded/replay.js';
import { ADMIN_API, type ApimStandIn, DEVPORTAL, withApim } from './stand-in.js';

const replayed = suite('replay');

for (const recording of ['apim-admin', 'apim-dcr', 'apim-devportal']) {
  replayed(`${recording}: the stand-in answers as the real code did`, () =>
    withIs7(
      (is7) =>
        withApim({ version: '4.7', trusted: [IDENTITY.cert] }, async (apim) => {
          const list = at(await apim.call('GET', `${ADMIN_API}/key-managers`), 'list') as readonly { id: string }[];
          const known = {
            is7: new URL(is7.url).host,
            apim: new URL(apim.url).host,
            resident: String(list[0]?.id),
            'application name': 'an application',
          };
          const send = ((request) => apim.send(request as Parameters<typeof apim.send>[0])) satisfies Send;
          const of = { release: '4.7', configuration: 'shipped' };
          const results = await replay(readRecording(recording), of, known, send, () => startAfresh(apim));
          assert.is(judge(recording, of.configuration, results), '');
          process.stdout.write(`replayed: ${results.length} of ${recording}\n`);
        }),
      IDENTITY,
      { authorizedScopes: [] },
      [],
      '7.0',
    ),
  );
}

replayed.run();

/** Each exchange was recorded with nothing there but the resident Key Manager. */
async function startAfresh(apim: ApimStandIn): Promise<void> {
  const applications = at(await apim.call('GET', `${DEVPORTAL}/applications`), 'list');
  for (const { applicationId } of applications as readonly { applicationId: string }[])
    await apim.call('DELETE', `${DEVPORTAL}/applications/${applicationId}`);
  const keyManagers = at(await apim.call('GET', `${ADMIN_API}/key-managers`), 'list');
  for (const { id, type, name } of keyManagers as readonly { id: string; type: string; name: string }[])
    if (type !== 'default' || name !== 'Resident Key Manager')
      await apim.call('DELETE', `${ADMIN_API}/key-managers/${id}`);
}
