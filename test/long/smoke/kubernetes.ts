import { setTimeout as sleep } from 'node:timers/promises';
import { showCharts } from './kubernetes-charts.js';
import { type ClusterImages, deriveImage, loadImages, type Namespace, withNamespace } from './kubernetes-namespace.js';
import type { Part, Smoke } from './part.js';

const UNCHANGED = /Nothing changed/;
const PROVED = /in sync, and proved by use/;
const REGISTER = 'job/km-bootstrap-register';

/** What needs a cluster: KUBECONFIG names it. */
function withoutCluster(): string | undefined {
  return process.env['KUBECONFIG'] ? undefined : 'KUBECONFIG names no cluster';
}

function withoutCharts(): string | undefined {
  return (
    withoutCluster() ?? (process.env['CHARTS'] ? undefined : 'CHARTS names no folder with kubernetes-is and helm-apim')
  );
}

export const KUBERNETES_PARTS: Readonly<Record<string, Part>> = {
  kubernetes: {
    title: 'The commands of docs/kubernetes.md, on a cluster',
    missing: withoutCluster,
    show: show(showBase),
  },
  'kubernetes-settings': {
    title: 'Wrong settings on a cluster, and corrected ones',
    missing: withoutCluster,
    show: show(showSettings),
  },
  'kubernetes-components': {
    title: 'Each component of kubernetes/',
    missing: withoutCluster,
    show: show(showComponents),
  },
  'kubernetes-charts': { title: 'WSO2’s charts, with stand-ins', missing: withoutCharts, show: show(showCharts) },
};

/** Builds the images that stand in for WSO2's, lends all of them to the cluster, and removes their tags afterwards. */
function show(part: (smoke: Smoke, images: ClusterImages) => Promise<void>): Part['show'] {
  return async (smoke) => {
    const { engine, images } = smoke;
    const tag = `smoke-${process.pid}`;
    const own = { is7: `${images.sandbox}-is7`, apim: `${images.sandbox}-apim`, newer: `${images.sandbox}-newer` };
    const from = `FROM ${images.sandbox}`;
    const folder = '/home/wso2carbon/wso2is';
    await deriveImage(engine, own.is7, [from, 'CMD ["is7"]']);
    await deriveImage(engine, own.apim, [from, 'CMD ["apim"]']);
    await deriveImage(engine, own.newer, [from, `RUN mv ${folder}-7.2.0 ${folder}-7.3.0`, 'CMD ["is7"]']);
    const named = {
      'km-bootstrap-smoke': images.tool,
      'km-bootstrap-smoke-sandbox': images.sandbox,
      'km-bootstrap-smoke-is7': own.is7,
      'km-bootstrap-smoke-apim': own.apim,
      'km-bootstrap-smoke-newer': own.newer,
    };
    try {
      await loadImages(engine, named, tag);
      await part(smoke, { tag, tool: 'km-bootstrap-smoke', sandbox: 'km-bootstrap-smoke-sandbox' });
    } finally {
      await engine.attempt('rmi', ...Object.values(own), ...Object.keys(named).map((name) => `${name}:${tag}`));
    }
  };
}

/** The base with stand-ins under the names of WSO2's images, as somebody with these images has it; and the sandbox. */
async function showBase(smoke: Smoke, images: ClusterImages): Promise<void> {
  const { rounds, say } = smoke;
  for (let round = 1; round <= rounds; round++) {
    for (const kind of ['base', 'sandbox'] as const) {
      await withNamespace(images, async (namespace) => {
        await namespace.documented('secrets');
        if (kind === 'base') await standIns(namespace, images);
        const seconds = await applied(namespace, kind === 'base' ? 'mine' : 'kubernetes/sandbox');
        say(`${kind}, ${round} of ${rounds}: ready and complete after ${seconds.toFixed(1)} s`);
        if (kind === 'sandbox' && round === rounds) await showDayByDay(smoke, namespace);
      });
    }
  }
}

/** A kustomization `mine`, as docs/kubernetes.md shows one. */
async function standIns({ shell, write }: Namespace, { tag }: ClusterImages): Promise<void> {
  await shell('mkdir -p mine');
  await write(
    'mine/kustomization.yaml',
    `resources: [../kubernetes/base]
images:
  - { name: wso2/wso2is, newName: km-bootstrap-smoke-is7, newTag: "${tag}" }
  - { name: wso2/wso2am, newName: km-bootstrap-smoke-apim, newTag: "${tag}" }
`,
  );
}

/** A kustomization `mine`: the sandbox with components. */
async function sandboxWith({ shell, write }: Namespace, ...components: readonly string[]): Promise<void> {
  await shell('mkdir -p mine');
  const paths = components.map((name) => `../kubernetes/components/${name}`);
  await write('mine/kustomization.yaml', `resources: [../kubernetes/sandbox]\ncomponents: [${paths.join(', ')}]\n`);
}

/** Applies a kustomization and waits as the page does; seconds. */
async function applied(namespace: Namespace, kustomization: string): Promise<number> {
  const began = performance.now();
  await namespace.shell(`kubectl apply -k ${kustomization}`);
  await namespace.documented('wait');
  await namespace.shell('kubectl wait --for=condition=ready --timeout=120s pod/is7-0 pod/apim-0');
  return (performance.now() - began) / 1000;
}

async function showDayByDay({ say }: Smoke, namespace: Namespace): Promise<void> {
  const { shell } = namespace;
  await shell(`kubectl delete ${REGISTER}; kubectl apply -k kubernetes/sandbox`);
  await namespace.documented('wait');
  says((await shell(`kubectl logs ${REGISTER}`)).all, UNCHANGED);
  say('the Job again: complete, nothing changed');
  for (const pod of ['is7-0', 'apim-0']) {
    const { seconds } = await shell(`kubectl delete pod ${pod}`);
    say(`${pod} deleted in ${seconds.toFixed(1)} s`);
    if (seconds > 30) throw new Error(`the server of ${pod} did not stop by itself`);
  }
  await shell('kubectl wait --for=condition=ready --timeout=180s pod/is7-0 pod/apim-0');
  await shell('kubectl delete pod is7-0 apim-0 --force --grace-period=0');
  await namespace.until('get pods is7-0 apim-0', /is7-0 +1\/1[\s\S]*apim-0 +1\/1|apim-0 +1\/1[\s\S]*is7-0 +1\/1/);
  says(await jobSays(namespace, ['verify']), PROVED);
  say('both pods killed and made anew, on the volumes that they had: verify holds');
}

/** A Job like the one of kubernetes/register, with other words. Its log. */
async function jobSays({ shell }: Namespace, words: readonly string[]): Promise<string> {
  const patch = JSON.stringify({ args: [...words, '--phase', 'online'] });
  await shell(`kubectl get ${REGISTER} --output json | node -e '
    const job = JSON.parse(require("fs").readFileSync(0));
    const { spec: { template } } = job;
    delete template.metadata.labels;
    Object.assign(template.spec.containers[0], ${patch});
    console.log(JSON.stringify({ apiVersion: "batch/v1", kind: "Job", metadata: { name: "other" }, spec: { backoffLimit: 0, template } }));
  ' | kubectl replace --force -f -`);
  await shell(`kubectl wait --for=jsonpath='{.status.conditions[0].type}' --timeout=180s job/other`);
  return (await shell('kubectl logs job/other')).all;
}

/** What people get wrong, what they are told, and that correcting it is all that they have to do. */
async function showSettings(smoke: Smoke, images: ClusterImages): Promise<void> {
  const { say } = smoke;
  await withNamespace(images, async (namespace) => {
    const { shell, until } = namespace;
    await namespace.documented('secrets');
    await shell(`openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other -addext subjectAltName=DNS:other -keyout other.key -out other.crt
      kubectl create secret tls is7-tls --cert other.crt --key other.key --dry-run=client --output yaml | kubectl apply -f -
      sed -i 's/^recipe = .*/recipe = "curent"/' kubernetes/base/km-bootstrap.toml
      kubectl apply -k kubernetes/sandbox`);
    await until(
      'describe pods is7-0 apim-0',
      /exit code 78[\s\S]*CONFIG_INVALID[\s\S]*curent[\s\S]*exit code 78[\s\S]*CONFIG_INVALID/,
    );
    say('a word that is none in km-bootstrap.toml: both pods say CONFIG_INVALID and 78 in `kubectl describe`');
    await shell(`sed -i 's/"curent"/"legacy"/' kubernetes/base/km-bootstrap.toml
      kubectl apply -k kubernetes/sandbox`);
    await until('describe pod is7-0', /exit code 78[\s\S]*CERTIFICATE_HOST_MISMATCH[\s\S]*does not cover is7/);
    say('corrected, the pods are replaced; a certificate for another name: CERTIFICATE_HOST_MISMATCH and 78');
    await shell(`kubectl create secret tls is7-tls --cert is7.crt --key is7.key --dry-run=client --output yaml | kubectl apply -f -
      kubectl delete pod is7-0`);
    await namespace.documented('wait');
    say('corrected, both servers are ready, and the Job is complete with its next attempt');

    await shell(`printf wrong >apim-password
      kubectl delete secret/km-bootstrap-credentials ${REGISTER}
      kubectl create secret generic km-bootstrap-credentials --from-literal=is7-username=admin --from-file=is7-password --from-literal=apim-username=admin --from-file=apim-password
      kubectl apply -k kubernetes/sandbox`);
    const failed = await namespace.tryShell(
      `kubectl wait --for=jsonpath='{.status.conditions[0].type}' --timeout=300s ${REGISTER}; kubectl wait --for=condition=complete --timeout=10s ${REGISTER}`,
    );
    if (failed.exitCode === 0) throw new Error('a wrong password registers');
    const tries = (await shell(`kubectl get ${REGISTER} --output jsonpath='{.status.failed}'`)).stdout;
    await until('describe pods --selector job-name=km-bootstrap-register', /exit code 77[\s\S]*CREDENTIALS_REFUSED/);
    if (tries !== '1') throw new Error(`the wrong password was tried ${tries} times`);
    say(
      `a wrong password: 77, CREDENTIALS_REFUSED, tried once; waiting for it ended after ${failed.seconds.toFixed(1)} s`,
    );
  });
  await withNamespace(images, async (namespace) => {
    await namespace.documented('secrets');
    await standIns(namespace, images);
    await namespace.shell(`sed -i 's/km-bootstrap-smoke-is7/km-bootstrap-smoke-newer/' mine/kustomization.yaml
      kubectl apply -k mine`);
    await namespace.until('describe pod is7-0', /wso2is-7\.2\.0 is not the one home[\s\S]*which has .*wso2is-7\.3\.0/);
    await namespace.until('get pod is7-0 --output yaml', /exitCode: 78/);
    say('another version in `images` alone: the seed says which one is there, and ends with 78');
  });
}

async function showComponents(smoke: Smoke, images: ClusterImages): Promise<void> {
  await withNamespace(images, (namespace) => showWatch(smoke, namespace));
  await withNamespace(images, (namespace) => showDatabase(smoke, images, namespace));
}

const READY = `node -e 'fetch("http://km-bootstrap-watch:9095/readyz").then(async (r) => console.log(r.status, await r.text()))'`;

/** The sidecar with the own deployment.toml of a server, and without a key of its Secret. */
async function showWatch(smoke: Smoke, namespace: Namespace): Promise<void> {
  const {
    engine,
    say,
    images: { sandbox },
  } = smoke;
  const { shell, until } = namespace;
  await namespace.documented('secrets');
  const home = '/home/wso2carbon/wso2is-*';
  const print = `cat ${home}/repository/conf/deployment.toml; echo "# mine"`;
  const { stdout } = await engine.run('run', '--rm', '--entrypoint', 'sh', sandbox, '-c', print);
  await namespace.write('deployment.toml', stdout);
  await shell('kubectl create configmap is7-config --from-file=deployment.toml');
  await sandboxWith(namespace, 'watch', 'is7-deployment-toml');
  await applied(namespace, 'mine');
  await until(`exec apim-0 --container watch -- ${READY}`, /^200 /);
  says(
    (
      await shell(
        'kubectl exec is7-0 -- sh -c "tail -1 /home/wso2carbon/wso2is-*/repository/conf/deployment.toml; cat /home/wso2carbon/wso2is-*/repository/conf/deployment.toml"',
      )
    ).all,
    /# mine/,
  );
  say('watch is ready at its Service; the own deployment.toml of IS 7 is what the server runs with');
  await shell(`kubectl patch secret km-bootstrap-credentials --type=json --patch '[{"op":"remove","path":"/data/is7-password"}]'
    kubectl delete pod apim-0`);
  await until('get pod apim-0', /apim-0 +2\/2/);
  await until(`exec apim-0 --container watch -- ${READY}`, /^503 [\s\S]*KMB_IS7_PASSWORD_FILE/);
  await sleep(5_000);
  says((await shell('kubectl get pod apim-0; kubectl get endpoints apim')).all, /apim-0 +2\/2 +Running +0[\s\S]*:9443/);
  say('without a key of the Secret watch stays up and names it; API Manager is ready, and in its Service');
  await shell('kubectl delete secret km-bootstrap-credentials; kubectl delete pod apim-0');
  await until('get pod apim-0', /apim-0 +2\/2/);
  say('without the whole Secret: the same');
}

/** A database that is not there when the Job begins, and then is. */
async function showDatabase({ engine, say }: Smoke, images: ClusterImages, namespace: Namespace): Promise<void> {
  const image = process.env['POSTGRESQL_IMAGE'] ?? 'postgres:16';
  if ((await engine.attempt('image', 'inspect', image)).exitCode !== 0)
    return say(
      `network-database: NOT SHOWN, since there is no image ${image} here; pull it, or name one by POSTGRESQL_IMAGE`,
    );
  await loadImages(engine, { 'km-bootstrap-smoke-postgres': image }, images.tag);
  const { shell, until } = namespace;
  await shell(`kubectl label namespace ${namespace.name} --overwrite pod-security.kubernetes.io/enforce=baseline`);
  await namespace.documented('secrets');
  await namespace.documented('database-secret');
  await sandboxWith(namespace, 'network-database');
  await shell('kubectl apply -k mine');
  await until(`logs ${REGISTER}`, /waiting for the database/);
  await until(`logs ${REGISTER}`, /still waiting after 3\d s/);
  say('a database that is not there is waited for, and that is said, and said again after 30 s');
  await namespace.write('database.yaml', databaseManifest(`km-bootstrap-smoke-postgres:${images.tag}`));
  await shell('kubectl apply -f database.yaml');
  await namespace.documented('wait');
  const { all } = await shell(
    `kubectl exec deploy/identity-db -- psql --username wso2carbon WSO2IDENTITY_DB --command '\\d idn_oauth_consumer_apps'`,
  );
  says(all, /UNIQUE CONSTRAINT, btree \(consumer_key\)/);
  say('once it is there, the Job adds the constraint, and is complete');
  await engine.attempt('rmi', `km-bootstrap-smoke-postgres:${images.tag}`);
}

/** As much of IS 7's identity database as the constraint is about. */
function databaseManifest(image: string): string {
  return `apiVersion: v1
kind: Service
metadata: { name: identity-db }
spec: { selector: { app: identity-db }, ports: [{ port: 5432 }] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: identity-sql }
data:
  1.sql: |
    CREATE TABLE IDN_OAUTH_CONSUMER_APPS (ID INTEGER PRIMARY KEY, CONSUMER_KEY VARCHAR(255), TENANT_ID INTEGER DEFAULT 0,
      APP_NAME VARCHAR(255), CONSTRAINT CONSUMER_KEY_CONSTRAINT UNIQUE (TENANT_ID, CONSUMER_KEY));
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: identity-db }
spec:
  selector: { matchLabels: { app: identity-db } }
  template:
    metadata: { labels: { app: identity-db } }
    spec:
      containers:
        - name: postgres
          image: ${image}
          env:
            - { name: POSTGRES_DB, value: WSO2IDENTITY_DB }
            - { name: POSTGRES_USER, value: wso2carbon }
            - name: POSTGRES_PASSWORD
              valueFrom: { secretKeyRef: { name: km-bootstrap-credentials, key: database-password } }
          volumeMounts: [{ name: sql, mountPath: /docker-entrypoint-initdb.d }]
      volumes: [{ name: sql, configMap: { name: identity-sql } }]
`;
}

function says(text: string, pattern: RegExp): void {
  if (!pattern.test(text)) throw new Error(`this does not say ${pattern}: ${text.slice(-4000)}`);
}
