import type { ServerId } from '../servers/server.js';

/** One server that has to believe the certificate of another, or its own. */
export interface TrustEdge {
  /** Of the step that keeps it. */
  readonly id: `trust/${string}`;
  /** Whose truststore it is. */
  readonly owner: ServerId;
  /** Whose certificate has to be in it. */
  readonly peer: ServerId;
  /** What happens without it. */
  readonly without: string;
  /** Whether it is used for nothing but to report revoked tokens, although the guide asks for it in any case. */
  readonly onlyForRevocation?: true;
}

const SELF = 'its parts call each other over HTTPS and fail ("PKIX path building failed")';

/** Each server trusts the other, and itself. */
export const TRUST_EDGES: readonly TrustEdge[] = [
  {
    id: 'trust/apim',
    owner: 'apim',
    peer: 'is7',
    without: 'no key is generated and no token validated ("PKIX path building failed")',
  },
  {
    id: 'trust/is7',
    owner: 'is7',
    peer: 'apim',
    without: 'revoked tokens are never reported ("PKIX path building failed")',
    onlyForRevocation: true,
  },
  { id: 'trust/apim-self', owner: 'apim', peer: 'apim', without: SELF },
  { id: 'trust/is7-self', owner: 'is7', peer: 'is7', without: SELF },
];

export function isSelfEdge({ owner, peer }: Pick<TrustEdge, 'owner' | 'peer'>): boolean {
  return owner === peer;
}
