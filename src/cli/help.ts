/** The help text: what people type, in one screen. */
export const HELP = `km-bootstrap makes WSO2 Identity Server 7 the Key Manager of WSO2 API Manager.

Usage: km-bootstrap COMMAND [OPTION...]

  plan       show what would change; writes nothing
  apply      make it so
  verify     change nothing that lasts; online, prove that the Key Manager works
  watch      sidecar: report drift, mend what is safe if told to; health, metrics and a status page
  sandbox    stand-ins of IS 7 and API Manager, to try and to test with
  version    print the version
  help       print this text

plan, apply, verify, watch:
  --is7-home DIR, --apim-home DIR   the homes of the two servers; everything else is discovered from them
  --is7-url URL, --apim-url URL     https://host:port, as the tool and the other server reach it
  --phase offline|online            files before the servers start | shared state once they run; both when absent
  --only STEP                       just these steps (repeatable; trust/* is all of trust)
  --recipe legacy|current           which of WSO2's set-ups; legacy is the guide's
  --config FILE                     default km-bootstrap.toml, if it is there
  --ca-file PEM                     further trusted certificate authorities
  --resolve NAME=ADDRESS            a line of /etc/hosts for this run (repeatable; sandbox, too)
  --timeout 300s                    deadline of the whole run; watch: of each look
  --lock-timeout 60s                apply, watch: wait for another run; 0s does not wait
  --resend-secret                   apply: send the connector's password even if it seems unchanged
  --sql                             plan: print the SQL for an administrator of the identity database
  --proof off|keys|token|gateway    verify: how far to prove; default token

watch:
  --interval 60s                    how often to look, when no file changes
  --listen 127.0.0.1:9095           where to serve /, /healthz, /readyz and /metrics
  --reconcile                       mend what is safe beside running servers

sandbox:
  --dir DIR                         where the homes are made; default sandbox
  --is7-version 7.0…7.3, --apim-version 4.3…4.7
  --is7-offset N, --apim-offset N   port offsets, as -DportOffset gives them to the real servers
  --server is7|apim                 serve one of the two
  --create-only                     make the homes and stop
  --expired-certs                   certificates that have expired, as in the packs of IS 7.0–7.2 and API Manager 4.3

everywhere:
  --json   -q, --quiet   -v, -vv    one JSON object a line | only failures | more
  --no-color

Settings also come from KMB_… variables, NAME_FILE for mounted secrets, .env and km-bootstrap.toml.
Exit codes: 0 done or in sync, 1 failed, 2 changes pending, 3 unreachable or refused, 64 usage, 75 locked,
78 configuration, 124 deadline, 130/143 stopped by a signal.
`;
