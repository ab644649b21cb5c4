import { appendFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Where the servers write what goes wrong: `repository/logs/wso2carbon.log` of the home. */
export async function writeServerLog(folder: string, level: 'INFO' | 'ERROR', message: string): Promise<void> {
  const file = join(folder, 'repository', 'logs', 'wso2carbon.log');
  await mkdir(dirname(file), { recursive: true });
  await appendFile(file, `[${new Date().toISOString()}] ${level} ${message}\n`);
}
