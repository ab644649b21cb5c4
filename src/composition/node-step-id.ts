/**
 * The id of a step on one node, or between two: that of the first node is the plain one, as if there were no others. Names of nodes are
 * unique, so that `trust/apim/gw1` (gw1 trusts IS 7) and `trust/apim/is2` (API Manager trusts is2) cannot be confused.
 */
export function nodeStepId<Plain extends string>(
  plain: Plain,
  ...nodes: readonly { readonly node?: string }[]
): Plain | `${Plain}/${string}` {
  const names = nodes.flatMap(({ node }) => node ?? []);
  return names.length === 0 ? plain : `${plain}/${names.join('/')}`;
}
