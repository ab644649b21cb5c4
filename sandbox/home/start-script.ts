import { programFile } from '../../src/io/package-root.js';
import type { Release } from './releases.js';

/** The name of a server's start script in `bin/`. */
export function startScriptName({ server }: Release): string {
  return server === 'is7' ? 'wso2server.sh' : 'api-manager.sh';
}

/**
 * A start script that serves the stand-in from the home it lies in. It behaves as the real one does: it wants JAVA_HOME before anything
 * else, complains about a JDK outside its range and goes on (IS 7.3 ends, though `start` says 0), takes `start`, `stop`, `restart`, `version` (with dashes or without) and
 * `-DportOffset=N`, and without a command is replaced by the server, whose process id is in `wso2carbon.pid`. The real ones stay its
 * parent, and of these the older ones pass no signal on.
 */
export function startScript(release: Release): string {
  const { server, version, folderName, jdk, needsJdk } = release;
  const [oldest, newest] = jdk;
  const script = startScriptName(release);
  return `#!/bin/sh
# Starts a stand-in made by km-bootstrap. This is not WSO2's software.
cd "$(dirname "$0")/.." || exit 1
home=$(pwd -P)
if [ -z "$JAVA_HOME" ] || [ ! -x "$JAVA_HOME/bin/java" ]; then
  echo "JAVA_HOME must be the folder of a JDK; it is \${JAVA_HOME:-not set}"
  exit 1
fi

command=
offset=
for argument in "$@"; do
  case \${argument##-} in
    start | -start) command=start ;;
    stop | -stop) command=stop ;;
    restart | -restart) command=restart ;;
    version | -version) command=version ;;
    DportOffset=*) offset=\${argument#-DportOffset=} ;;
  esac
done
again=\${offset:+-DportOffset=$offset}

server() {
  tr -dc 0-9 <wso2carbon.pid
}

is_running() {
  [ -e wso2carbon.pid ] && kill -0 "$(server)" 2>/dev/null
}

case $command in
  version)
    exec cat bin/version.txt
    ;;
  start)
    if is_running; then
      echo "The server runs already, as process $(server)"
      exit 0
    fi
    nohup sh bin/${script} $again >/dev/null 2>&1 &
    exit 0
    ;;
  stop)
    kill -TERM "$(server)"
    exit 0
    ;;
  restart)
    kill -TERM "$(server)"
    while is_running; do sleep 1; done
    nohup sh bin/${script} $again >/dev/null 2>&1 &
    exit 0
    ;;
esac

if [ "$(basename "$home")" != ${folderName} ]; then
  echo "This folder must be called ${folderName} to be started, not $(basename "$home")." >&2
  exit 1
fi
java_version=$("$JAVA_HOME/bin/java" -version 2>&1 | sed -n 's/.* version "\\([0-9]*\\).*/\\1/p')
if [ "\${java_version}00" -lt ${oldest}00 ] || [ "\${java_version}00" -gt ${newest}00 ]; then
  echo "[ERROR] this stand-in is for JDK ${oldest} to ${newest}, and this is JDK $java_version"${needsJdk ? '\n  exit 1' : ''}
fi
exec ${quoted(process.execPath)} ${quoted(programFile())} sandbox --server ${server} --${server}-version ${version} \\
  --dir "$(dirname "$home")" \${offset:+--${server}-offset "$offset"}
`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
