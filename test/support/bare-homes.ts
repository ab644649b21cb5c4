import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Two homes in a folder that hold a deployment.toml and nothing else: enough for what only reads settings. */
export async function makeBareHomes(folder: string): Promise<{ readonly is7: string; readonly apim: string }> {
  const homes = { is7: join(folder, 'wso2is-7.2.0'), apim: join(folder, 'wso2am-4.5.0') };
  await write(
    homes.is7,
    `[server]
hostname = "is7.example.com"
offset = 1

[super_admin]
username = "admin"
password = "s3cret-is7"

[database.identity_db]
url = "jdbc:mysql://db/identity?user=x&password=s3cret-url"
username = "wso2"
password = "s3cret-db"
`,
  );
  await write(
    homes.apim,
    '[super_admin]\nusername = "boss"\npassword = "$secret{admin}"\n[database.apim_db]\ntype = "h2"\n',
  );
  return homes;
}

async function write(home: string, text: string): Promise<void> {
  const file = join(home, 'repository', 'conf', 'deployment.toml');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
