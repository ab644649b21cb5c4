import { isAtLeast } from '../servers/server.js';
import { MESSAGES } from './errors.js';
import { type FileFacts, type HomeFacts, jvmOption } from './facts.js';
import { type Finding, finding } from './finding.js';

/** What the start script, and when it was run, make of the files. */
export function findLaunchFaults(home: HomeFacts): readonly Finding[] {
  return [...elsewhere(home), ...hostChecksOff(home), ...restart(home)];
}

/** wso2/carbon-kernel, Main.handleConfiguration. */
function elsewhere(home: HomeFacts): readonly Finding[] {
  const option = jvmOption(home, 'deployment.config.file.path');
  if (!option || /repository\/conf\/deployment\.toml$/.test(option.value)) return [];
  return [finding(MESSAGES.DEPLOYMENT_TOML_ELSEWHERE(option.value), { where: option.where })];
}

/** API Manager's own script says AllowAll; IS 7's says DefaultAndLocalhost. */
function hostChecksOff(home: HomeFacts): readonly Finding[] {
  const option = jvmOption(home, 'httpclient.hostnameVerifier');
  if (home.server !== 'is7' || option?.value !== 'AllowAll') return [];
  return [finding(MESSAGES.HOST_CHECK_OFF(), { where: option.where })];
}

/** A file system may tell times by the second. */
const TOLERANCE_MS = 2_000;

function restart(home: HomeFacts): readonly Finding[] {
  const { runningSince, files, title, folder } = home;
  if (!runningSince) return [];
  const newer = files.filter(
    (file) => readAtStart(file, home) && file.changed.getTime() > runningSince.getTime() + TOLERANCE_MS,
  );
  if (newer.length === 0) return [];
  return [
    finding(
      MESSAGES.RESTART_NEEDED(
        title,
        runningSince.toISOString(),
        newer.map(({ path }) => path),
      ),
      { where: folder },
    ),
  ];
}

/** API Manager reads its truststore anew for each connection to a Key Manager since 4.6. */
function readAtStart({ role }: FileFacts, { server, version }: HomeFacts): boolean {
  return !(role === 'truststore' && server === 'apim' && version !== undefined && isAtLeast(version, '4.6'));
}
