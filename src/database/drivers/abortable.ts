/** Waits for work, or for the signal, whichever comes first; then `cancel` tells whoever works to stop. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal, cancel: () => void): Promise<T> {
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      cancel();
      reject(signal.reason);
    };
  });
  work.catch(() => undefined);
  aborted.catch(() => undefined);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
