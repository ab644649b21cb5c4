import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ErrorCode } from '../../src/codes.js';
import { UnreachableError } from '../../src/errors.js';
import type { HttpClient } from '../../src/http/client.js';
import { nextPause, sendPatiently } from '../../src/http/retry.js';

const request = { method: 'GET', url: 'https://localhost/', signal: new AbortController().signal } as const;

/** A connection that answers like this, one after the other. */
function answering(...answers: readonly (number | ErrorCode)[]) {
  let sent = 0;
  const http: HttpClient = {
    async send() {
      const answer = answers[Math.min(sent++, answers.length - 1)];
      if (typeof answer === 'number') return { status: answer, headers: {}, text: '' };
      throw new UnreachableError({ code: answer as ErrorCode, message: 'no', hint: '' });
    },
    close: async () => {},
  };
  return { http, sent: () => sent };
}

const cases: [title: string, answers: readonly (number | ErrorCode)[], sent: number, outcome: number | ErrorCode][] = [
  ['what succeeds is sent once', [200], 1, 200],
  ['what is refused is sent once', [500], 1, 500],
  ['a gateway that heals', [502, 503, 200], 3, 200],
  ['a connection that heals', ['SERVER_UNREACHABLE', 200], 2, 200],
  ['a gateway that does not heal', [504], 4, 504],
  ['a connection that does not heal', ['SERVER_UNREACHABLE'], 4, 'SERVER_UNREACHABLE'],
  ['a certificate that is not trusted does not heal', ['TLS_UNTRUSTED', 200], 1, 'TLS_UNTRUSTED'],
];

for (const [title, answers, sent, outcome] of cases) {
  test(title, async () => {
    const connection = answering(...answers);
    const came = await sendPatiently(connection.http, request).then(
      ({ status }) => status,
      (error: UnreachableError) => error.code,
    );
    assert.equal([came, connection.sent()], [outcome, sent]);
  });
}

test('pauses have decorrelated jitter: from the shortest to three times the last, and never over the longest', () => {
  assert.equal([nextPause(100, 0), nextPause(100, 1), nextPause(300, 1), nextPause(1_900, 1)], [100, 300, 900, 2_000]);
});

test('an abort ends the pause, and its reason is thrown', async () => {
  const controller = new AbortController();
  const reason = new Error('stopped');
  setTimeout(() => controller.abort(reason), 20);
  const connection = answering(503);
  try {
    await sendPatiently(connection.http, { ...request, signal: controller.signal });
    assert.unreachable();
  } catch (error) {
    assert.is(error, reason);
  }
});

test.run();
