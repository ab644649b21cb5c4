import { empty, type Reply } from './reply.js';
import type { ServerRequest } from './request.js';

/** The decoded parts of the path that a template names, by name. */
export type PathParameters = Readonly<Record<string, string>>;

/** Answers one request; what it throws is answered by the server. */
export type Handler = (request: ServerRequest, parameters: PathParameters) => Reply | Promise<Reply>;

/** One operation of a server. */
export interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly handle: Handler;
}

/** A route for one method and a path like `/applications/{applicationId}`, where `{…}` is one segment. */
export function route(method: string, template: string, handle: Handler): Route {
  const escaped = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  return { method, pattern: new RegExp(`^${escaped.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`), handle };
}

/** Sends a request to its route: 405 where only the method is wrong, `otherwise` where no path matches. */
export function router(routes: readonly Route[], otherwise: Handler): Handler {
  return (request) => {
    const here = routes.filter((candidate) => candidate.pattern.test(request.path));
    const found = here.find((candidate) => candidate.method === request.method);
    if (found) return found.handle(request, parametersOf(found.pattern.exec(request.path)?.groups ?? {}));
    if (here.length === 0) return otherwise(request, {});
    return empty(405, { allow: here.map((candidate) => candidate.method).join(', ') });
  };
}

function parametersOf(groups: Record<string, string>): PathParameters {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decoded(value)]));
}

/** A broken percent-encoding names nothing that exists, so the text as sent serves as well. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
