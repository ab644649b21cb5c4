import { messages } from '../errors.js';

const RESTART =
  'restart API Manager (up to 4.5 it reads its truststore only at start). "PKIX path building failed" in its log means the same.';
const IMPORT = `Run km-bootstrap apply --only trust/apim, then ${RESTART}`;

export const MESSAGES = messages({
  API_REPLY_INVALID: (call: string, came: string) => ({
    message: `${call} answered ${came}`,
    hint: 'Look whether apim.url is the HTTPS port of API Manager itself (9443 plus its offset) and not of a proxy or another server.',
  }),
  CONNECTOR_MISSING: (apimUrl: string, type: string, types: readonly string[]) => ({
    message: `API Manager at ${apimUrl} has no Key Manager connector of type ${type} (it has ${types.join(', ') || 'none'})`,
    hint: `Use API Manager 4.3 or later, which brings the connector for Identity Server 7; in an older one it cannot be added safely.`,
  }),
  PROOF_REVOKED: (name: string, seconds: string) => ({
    message: `the gateway refused a token of ${name} ${seconds} s after it was revoked`,
    hint: 'Nothing to do: revocation works.',
  }),
  PROOF_REVOCATION_OFF: (name: string, until: string) => ({
    message: `a token of ${name} that was revoked is taken by the gateway until ${until}: revocation is not configured`,
    hint: 'Set revocation = true (recipe current) to have Identity Server tell API Manager of revoked tokens.',
  }),
  KEY_MANAGER_INVALID: {
    unsendable: (name: string, problems: readonly string[]) => ({
      message: `the Key Manager ${name} cannot be sent to API Manager: ${problems.join('; ')}`,
      hint: 'Correct the declaration of this Key Manager (key_manager in km-bootstrap.toml, is7.username and is7.password).',
    }),
    noDiscovery: (name: string, url: string) => ({
      message: `the Key Manager ${name} takes its values from ${url}, which cannot be read from here`,
      hint: 'Make Identity Server reachable from here, or declare the endpoints and leave out well_known.',
    }),
  },
  PROOF_UNREACHABLE: (name: string, url: string, evidence: string) => ({
    message: `the Key Manager ${name} does not work: API Manager does not reach ${url}, ${evidence}`,
    hint:
      'Look whether Identity Server is up, and whether the host of API Manager resolves that name and may connect to that port; ' +
      `if its truststore was changed while it ran, ${RESTART}`,
  }),
  PROOF_UNTRUSTED: {
    known: (name: string, url: string) => ({
      message: `the Key Manager ${name} does not work: API Manager does not trust the certificate of Identity Server: it is not in API Manager's truststore (${url})`,
      hint: IMPORT,
    }),
    likely: (name: string, url: string) => ({
      message: `the Key Manager ${name} does not work: API Manager does not trust the certificate of Identity Server, or does not reach it; from here it answers (${url})`,
      hint: IMPORT,
    }),
    hereToo: (name: string, url: string) => ({
      message: `the Key Manager ${name} does not work: API Manager cannot trust the certificate of Identity Server, which is not the one that is known here either (${url})`,
      hint: IMPORT,
    }),
  },
  PROOF_HOST_MISMATCH: (name: string, reason: string) => ({
    message: `the Key Manager ${name} does not work: the host name in its URLs and in the certificate of Identity Server differ: ${reason}`,
    hint: 'Use a host name that the certificate covers (is7.url, is7.hostname), or give Identity Server a certificate for this one.',
  }),
  PROOF_CREDENTIALS: {
    account: (name: string, user: unknown, endpoint: string | undefined) => ({
      message: `the Key Manager ${name} does not work: Identity Server refuses the connector's user ${user} and its password at ${endpoint}`,
      hint: 'Correct is7.username and is7.password (KMB_IS7_USERNAME, KMB_IS7_PASSWORD), or those of this Key Manager, then run km-bootstrap apply.',
    }),
    certificate: (name: string, user: unknown, endpoint: string | undefined) => ({
      message: `the Key Manager ${name} does not work: Identity Server does not take the certificate of API Manager's primary keystore as its user ${user} at ${endpoint}`,
      hint: 'It must have that certificate in its truststore and, from 7.3 on, in [client_certificate_based_authentication]: run km-bootstrap apply --phase offline, then restart Identity Server.',
    }),
  },
  PROOF_REGISTRATION: {
    absent: (name: string, url: string | undefined, status: number) => ({
      message: `the Key Manager ${name} does not work: there is no client registration at ${url} (${status})`,
      hint: 'Correct client_registration_endpoint: in Identity Server 7 it is /api/identity/oauth2/dcr/v1.1/register, after /t/<tenant> in a tenant.',
    }),
    forbidden: (name: string, user: unknown, url: string | undefined, status: number) => ({
      message: `the Key Manager ${name} does not work: Identity Server does not let the user ${user} register clients at ${url} (${status})`,
      hint: 'Give this user of Identity Server the right to register OAuth clients (its role needs application management).',
    }),
  },
  ISSUER_MISMATCH: (name: string, issuer: string | undefined, found: string) => ({
    message: `the Key Manager ${name} has the issuer ${issuer}, but ${found}`,
    hint: 'Set is7.public_url (KMB_IS7_PUBLIC_URL), or the issuer of this Key Manager, to what Identity Server says: API Manager refuses tokens of another one.',
  }),
  PROOF_JWKS: (name: string, where: string, why: string) => ({
    message: `the Key Manager ${name} gives tokens that no gateway can check; ${where}${why}`,
    hint: 'Declare jwks = "https://…/oauth2/jwks" of the Identity Server that signs the tokens, or pem_file with the certificate that signs them (not the one for TLS).',
  }),
  PROOF_VALIDATION: {
    opaque: (name: string) => ({
      message: `the Key Manager ${name} lets the gateway validate tokens itself, but Identity Server gives opaque ones`,
      hint: 'Declare validation = "introspection", or have Identity Server give JWTs to new applications.',
    }),
    inactive: (name: string, endpoint: string | undefined) => ({
      message: `the Key Manager ${name} gives tokens that ${endpoint} calls inactive`,
      hint: 'Look whether the introspection and token endpoints are of the same Identity Server and tenant, and whether its nodes share a database.',
    }),
    introspection: (name: string, user: unknown, endpoint: string | undefined) => ({
      message: `the Key Manager ${name}: the user ${user} may not introspect tokens at ${endpoint}`,
      hint: 'Give this user of Identity Server the right to introspect, or declare validation = "self".',
    }),
    claim: (name: string, claim: string, found: unknown) => ({
      message: `the Key Manager ${name} gives tokens whose claim ${claim} is ${found === undefined ? 'missing' : JSON.stringify(found)}, and not the consumer key of the application`,
      hint: 'Declare consumer_key_claim as the claim that holds the client id; Identity Server 7 writes it to azp.',
    }),
  },
  PROOF_SCOPE: {
    refused: (name: string, said: string, asked: readonly string[]) => ({
      message: `the Key Manager ${name} gives no token with the right scopes: ${said}${asked.length > 0 ? ` (asked for: ${asked.join(' ')})` : ''}`,
      hint: 'Have Identity Server authorize these scopes to the application or its roles ([oauth] authorize_all_scopes = true in its deployment.toml), and look at scopes_claim.',
    }),
    permissions: (name: string, apiCode: number) => ({
      message: `no keys can be generated through the Key Manager ${name}: its permissions exclude this user (${apiCode})`,
      hint: 'Add a role of apim.username to the permissions of the Key Manager, or verify with --proof off.',
    }),
  },
  PROOF_CLOCK_SKEW: (name: string, times: 'expired' | 'not-yet-valid', seconds: number) => ({
    message: `the Key Manager ${name} gives tokens that are ${times === 'expired' ? 'expired' : 'not valid yet'} for API Manager: the clock of Identity Server is ${seconds} s ${times === 'expired' ? 'behind' : 'ahead of'} its own`,
    hint: 'Set the clocks of both hosts (NTP): a gateway tolerates only a few seconds.',
  }),
  PROOF_FAILED: {
    revocation: (name: string, why: string) => ({
      message: `the Key Manager ${name}: a token could not be revoked: ${why}`,
      hint: 'Look at revoke_endpoint, and whether it is of the Identity Server that gives the tokens.',
    }),
    registration: (name: string, endpoint: string | undefined, apiCode: number, remedy: string) => ({
      message: `no keys can be generated through the Key Manager ${name}: API Manager failed to register a client at ${endpoint} (${apiCode} for a new application)`,
      hint: remedy,
    }),
    creationOff: (name: string, apiCode: number) => ({
      message: `no keys can be generated through the Key Manager ${name}: it may not create applications (${apiCode})`,
      hint: 'Declare oauth_app_creation = true and a token_type other than EXCHANGED.',
    }),
    refused: (name: string, reason: string, remedy: string) => ({
      message: `no keys can be generated through the Key Manager ${name}: ${reason}`,
      hint: remedy,
    }),
    neverLoaded: (name: string, seconds: number, said: string, remedy: string) => ({
      message: `the Key Manager ${name} generates no keys after ${seconds} s (API Manager answers ${said})`,
      hint: `${remedy} If its log says "Key Manager ... not configured", API Manager could not load it: restart it.`,
    }),
    token: (name: string, endpoint: string | undefined, reason: string) => ({
      message: `the Key Manager ${name} made keys, but API Manager got no token with them at ${endpoint} (${reason})`,
      hint: 'Look in the logs of both servers: Identity Server must allow client_credentials to the new client, and authorize its scopes.',
    }),
  },
  PROOF_GATEWAY: {
    subscription: (name: string, reason: string) => ({
      message: `the Key Manager ${name} is not proved at the gateway, since the API cannot be subscribed to: ${reason}`,
      hint: 'Look at proof.api_id: it is the id in the Developer Portal of a published API of this tenant, which takes subscriptions.',
    }),
    silent: (reason: string | undefined, url: string) => ({
      message: `no API could be called: ${reason ?? `${url} gave no answer`}`,
      hint: 'Look at proof.gateway_url (8243 plus the offset, by default), and give its certificate authority with --ca-file.',
    }),
    noApi: (name: string, answered: string) => ({
      message: `the Key Manager ${name}: ${answered}`,
      hint: 'Look at proof.gateway_url: no API answers there.',
    }),
    noSubscription: (name: string, answered: string) => ({
      message: `the Key Manager ${name}: ${answered}`,
      hint: 'Set proof.api_id, so that the application of the proof subscribes to this API.',
    }),
    unknownIssuer: (name: string, answered: string) => ({
      message: `the Key Manager ${name}: ${answered}`,
      hint: 'The gateway must reach the key set and find the Key Manager by its issuer: look in its log, and whether another Key Manager has this issuer.',
    }),
    refused: (name: string, answered: string) => ({
      message: `the Key Manager ${name}: ${answered}`,
      hint: 'Look in the log of the gateway.',
    }),
  },
  PROOF_REVOCATION: (name: string, seconds: string) => ({
    message: `the Key Manager ${name}: the gateway still took a token ${seconds} s after it was revoked, although revocation = true`,
    hint:
      'Run km-bootstrap verify --phase offline (deployment-toml/is7 and dropins/is7 must hold), and restart Identity Server if it was changed while it ran. ' +
      '"Error while sending Revocation Event" in its log means that it does not reach or trust API Manager (trust/is7); silence, that the listener or its jar is wrong.',
  }),
  PROOF_SKIPPED: (name: string, reason: string) => ({
    message: `that ${name} works was not proved: ${reason}`,
    hint: 'Nothing to do, if that is what you want.',
  }),
  PROOF_LEFTOVER: (applicationName: string) => ({
    message: `the application ${applicationName}, made for a proof, could not be removed`,
    hint: 'Delete it in the Developer Portal.',
  }),
  SERVER_NOT_READY: (call: string, status: number | undefined, seconds: number) => ({
    message: `${call} still answers ${status ?? 'nothing'} after ${seconds} s`,
    hint: 'API Manager deploys its client registration last: wait and run again, and look in its log if that does not help.',
  }),
  CREDENTIALS_REFUSED: {
    password: (url: string, username: string, what: string) => ({
      message: `API Manager at ${url} refuses the user ${username} and its password (${what})`,
      hint: 'Correct apim.username and apim.password (KMB_APIM_USERNAME, KMB_APIM_PASSWORD); repeated attempts may lock the account.',
    }),
    client: (url: string, username: string, client: string, call: string) => ({
      message: `API Manager at ${url} does not give the user ${username} the client ${client} (${call} answered 403)`,
      hint: 'Another user registered it before, or this one may not register clients: use that account, give this one the role admin, or set apim.authentication = "basic" (KMB_APIM_AUTHENTICATION), which needs no client.',
    }),
    scope: (url: string, username: string, refused: readonly string[]) => ({
      message: `API Manager at ${url} does not give the user ${username} the scope ${refused.join(' ')}`,
      hint: 'Give this user the role admin in API Manager, or set apim.username (KMB_APIM_USERNAME) to one that has it.',
    }),
  },
  KEY_MANAGER_CONFLICT: {
    otherType: (apimUrl: string, name: string, found: string, type: string) => ({
      message: `API Manager at ${apimUrl} has a Key Manager ${name} of type ${found}, not ${type}`,
      hint: 'Declare another name, or delete that Key Manager in the Admin Portal if nothing uses it: its type cannot change.',
    }),
    sameIssuer: (apimUrl: string, other: string, issuer: string, name: string) => ({
      message: `API Manager at ${apimUrl} has the Key Manager ${other} with the issuer ${issuer} already, so ${name} would be a second one`,
      hint:
        `A Key Manager cannot be renamed, and tokens of one issuer must lead to one Key Manager: declare name = "${other}", ` +
        `or declare that one with state = "absent" beside ${name} if nothing uses it.`,
    }),
    notThere: (apimUrl: string, name: string) => ({
      message: `API Manager at ${apimUrl} accepted the Key Manager ${name}, but does not list it`,
      hint: 'Look whether a global Key Manager or another tenant has this name, and run again.',
    }),
  },
  ISSUER_UNCHECKED: (name: string, url: string) => ({
    message: `the issuer of ${name} was not compared with ${url}, which cannot be read from here`,
    hint: 'Run verify: it has API Manager read that document.',
  }),
  CONNECTOR_KEY_IGNORED: (key: string, name: string) => ({
    message: `the connector of this API Manager has no key ${key}, so it is not sent for ${name}`,
    hint: 'Take it out of the declaration, or update API Manager to a release whose connector has it.',
  }),
  CONNECTOR_CERTIFICATE_UNUSED: (name: string) => ({
    message: `${name} declares MutualTLSOptions = "TenantWide", and connectors up to 2.1.2 never load the certificate of a tenant`,
    hint: 'Leave it out: the default ServerWide presents the certificate of API Manager’s primary keystore.',
  }),
  PROOF_UNCHECKED: (name: string, why: string) => ({
    message: `not everything about the token of ${name} was checked: ${why}`,
    hint: 'Run verify where Identity Server can be reached, to have this checked as well.',
  }),
  API_REFUSED: {
    noJson: (call: string, status: number, what: string, remedy: string) => ({
      message: `${call} answered ${status} with ${what}`,
      hint: remedy,
    }),
    said: (call: string, status: number, apiCode: number, reason: string, remedy: string) => ({
      message: `${call} was refused with ${status}${apiCode === status ? '' : `, code ${apiCode}`}${reason && `: ${reason}`}`,
      hint: remedy,
    }),
    roles: (reason: string, named: string, remedy: string) => ({ message: `${reason}: ${named}`, hint: remedy }),
  },
  KEY_MANAGER_IN_USE: (name: string, by: string) => ({
    message: `the Key Manager ${name} cannot be deleted: it is used by ${by}`,
    hint: 'Remove their keys or give them another Key Manager first, or declare enabled = false instead of state = "absent".',
  }),
});
