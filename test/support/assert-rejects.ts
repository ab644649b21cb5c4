import * as assert from 'uvu/assert';

/** uvu's `throws` for a promise: it must fail, with a message that matches. */
export async function assertRejects(promise: Promise<unknown>, pattern: RegExp): Promise<void> {
  const error = await promise.then(
    () => assert.unreachable('expected a failure'),
    (thrown: Error) => thrown,
  );
  assert.match(String((error as Error).message), pattern);
}
