import { type FindingCode, SEVERITY_OF, type Severity } from '../codes.js';
import type { Message } from '../errors.js';
import type { Notice } from '../step/step.js';

/** Something that does not fit, and its remedy. */
export interface Finding extends Notice {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** `/opt/wso2is-7.2.0/repository/conf/deployment.toml:14`, a store, a log; with a bundle, the place in it. */
  readonly where: string;
}

interface Circumstances {
  readonly where: string;
  /** Where it is not that of the code. */
  readonly severity?: Severity | undefined;
}

/** A message of the doctor's own, or of a step, as a finding. */
export function finding({ code, message, hint }: Message<FindingCode>, { where, severity }: Circumstances): Finding {
  return { code, severity: severity ?? SEVERITY_OF[code], where, message, hint };
}

/** Whether a failure or notice of a step is one that the doctor reports. */
export function isFindingCode(code: string): code is FindingCode {
  return Object.hasOwn(SEVERITY_OF, code);
}

const SEVERITIES: readonly Severity[] = ['breaks', 'risk', 'note'];
const CODES: readonly string[] = Object.keys(SEVERITY_OF);

/** The most important first, each once. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const once = new Map(findings.map((found) => [`${found.code} ${found.where} ${found.message}`, found]));
  const rank = ({ severity, code }: Finding) => SEVERITIES.indexOf(severity) * CODES.length + CODES.indexOf(code);
  return [...once.values()].sort((one, other) => rank(one) - rank(other));
}
