import { fileURLToPath } from 'node:url';
import type { Release } from './releases.js';

/** The name of a server's start script in `bin/`. */
export function startScriptName({ server }: Release): string {
  return server === 'is7' ? 'wso2server.sh' : 'api-manager.sh';
}

/**
 * A start script that serves the stand-in from the home it lies in. Like the real one it takes `-DportOffset=N` and `version`; other
 * arguments are ignored.
 */
export function startScript({ server, version, folderName }: Release): string {
  return `#!/bin/sh
# Starts a stand-in made by km-bootstrap. This is not WSO2's software.
cd "$(dirname "$0")/.." || exit 1
home=$(pwd -P)
offset=
for argument in "$@"; do
  case $argument in
    version) exec cat bin/version.txt ;;
    -DportOffset=*) offset=\${argument#-DportOffset=} ;;
  esac
done
if [ "$(basename "$home")" != ${folderName} ]; then
  echo "This folder must be called ${folderName} to be started, not $(basename "$home")." >&2
  exit 1
fi
exec ${quoted(process.execPath)} ${quoted(mainProgram())} sandbox --server ${server} --${server}-version ${version} \\
  --dir "$(dirname "$home")" \${offset:+--${server}-offset "$offset"}
`;
}

/** Where this very build of km-bootstrap lies: the home may be anywhere else. */
function mainProgram(): string {
  return fileURLToPath(new URL('../../main.js', import.meta.url));
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
