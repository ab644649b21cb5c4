/** A failure as the process that started this one gets it. */
export interface ToldFailure {
  /** Absent: of the run as a whole. */
  readonly step?: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Tells a failure to the process that started this one, if that one listens (Node's own channel): the container's entrypoint does. */
export function tellParent({ step, code, message, hint }: ToldFailure): void {
  if (process.connected) process.send?.({ ...(step === undefined ? {} : { step }), code, message, hint });
}
