import { type ClusterImages, deriveImage, loadImages, type Namespace, withNamespace } from './kubernetes-namespace.js';
import type { Smoke } from './part.js';

/**
 * WSO2's charts kubernetes-is and helm-apim (all-in-one), from the folder CHARTS, as helm renders them, with the post-renderers and stand-ins
 * of their images.
 */
export async function showCharts(smoke: Smoke, images: ClusterImages): Promise<void> {
  const { engine, say } = smoke;
  const own = await buildImages(smoke, images.tag);
  try {
    await withNamespace(images, async (namespace) => {
      await prepare(namespace, images.tag);
      const began = performance.now();
      await install(namespace, 'is7');
      await install(namespace, 'apim');
      await namespace.shell('kubectl apply -k kubernetes/charts/shared');
      await namespace.documented('wait');
      await namespace.shell('kubectl wait --for=condition=available --timeout=120s deployment --all');
      say(`both charts, restricted: available and complete after ${((performance.now() - began) / 1000).toFixed(1)} s`);
      await showChange(smoke, namespace);
      await showStores(smoke, namespace);
    });
    await showRefusals(smoke, images);
  } finally {
    await engine.attempt('rmi', ...Object.keys(own).map((name) => `${name}:${images.tag}`), ...Object.values(own));
  }
}

/** With what the charts' own entrypoints need: bash, nc, and variables that name the home. */
async function buildImages({ engine, images }: Smoke, tag: string): Promise<Readonly<Record<string, string>>> {
  const own = {
    'km-bootstrap-smoke/is': `${images.sandbox}-chart-is`,
    'km-bootstrap-smoke/am': `${images.sandbox}-chart-am`,
  };
  const home = '/home/wso2carbon';
  const common = (server: string, user: string) => [
    `ENV WORKING_DIRECTORY=${home} WSO2_SERVER_HOME=${home}/${server}`,
    `RUN chmod 755 ${home}/docker-entrypoint.sh`,
    `USER ${user}`,
    `ENTRYPOINT ["${home}/docker-entrypoint.sh"]`,
  ];
  await deriveImage(engine, own['km-bootstrap-smoke/is'], [
    `FROM ${images.sandbox}`,
    'USER 0:0',
    'RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends netcat-openbsd >/dev/null',
    ...common('wso2is-7.2.0', '802'),
  ]);
  await deriveImage(engine, own['km-bootstrap-smoke/am'], [
    `FROM ${images.sandbox}`,
    'USER 0:0',
    `RUN mkdir -p ${home}/solr/database && touch ${home}/wso2am-4.5.0/repository/database/WSO2CARBON_DB.mv.db && chown -R 10001:10001 ${home}/solr ${home}/wso2am-4.5.0`,
    ...common('wso2am-4.5.0', '10001'),
  ]);
  await loadImages(engine, own, tag);
  return own;
}

/**
 * Values beside those of kubernetes/charts, with short waits and little memory. The stand-in of IS 7 has an H2 file only, which is out of the
 * reach of `prepare` here: the recipe is the one that needs no constraint.
 */
async function prepare({ documented, shell, write }: Namespace, tag: string): Promise<void> {
  await documented('secrets');
  await shell(`openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=apim -addext subjectAltName=DNS:apim-am-service,DNS:apim-am-service-1 -keyout am.key -out am.crt
    kubectl delete secret apim-tls; kubectl create secret tls apim-tls --cert am.crt --key am.key
    service=$(helm template apim "$CHARTS/helm-apim" --set fullnameOverride=apim | sed -n 's/^  name: \\(apim-am-service[-1]*\\)$/\\1/p' | head -1)
    sed -i "s/apim-am-service:/$service:/; s/^recipe = .*/recipe = \\"current\\"/" kubernetes/charts/shared/*.toml`);
  await write(
    'is7.yaml',
    `deployment:
  image: { registry: docker.io, repository: km-bootstrap-smoke/is, tag: "${tag}", pullPolicy: IfNotPresent }
  apparmor: { enabled: false }
  buildVersion: 7.2.0
  preStopHookWaitSeconds: 1
  startupProbe: { initialDelaySeconds: 3, periodSeconds: 2, failureThreshold: 90 }
  readinessProbe: { initialDelaySeconds: 3, periodSeconds: 3 }
  resources: { requests: { memory: 128Mi, cpu: 50m }, limits: { memory: 768Mi, cpu: "2" } }
`,
  );
  await write(
    'apim.yaml',
    `wso2:
  deployment:
    image: { registry: docker.io, repository: km-bootstrap-smoke/am, tag: "${tag}", digest: "", imagePullPolicy: IfNotPresent }
    startupProbe: { initialDelaySeconds: 3, periodSeconds: 2, failureThreshold: 90 }
    livenessProbe: { initialDelaySeconds: 10 }
    readinessProbe: { initialDelaySeconds: 3, periodSeconds: 3, failureThreshold: 3 }
    lifecycle: { preStopHook: { sleepSeconds: 1 } }
    resources: { requests: { memory: 128Mi, cpu: 50m }, limits: { memory: 768Mi, cpu: "2" } }
`,
  );
}

const CHART = { is7: 'kubernetes-is', apim: 'helm-apim' } as const;

function install({ shell }: Namespace, release: keyof typeof CHART, words = '', expected = 0) {
  const chart = CHART[release];
  return shell(
    `values=$PWD/${release}.yaml
    cd kubernetes/charts/${chart}
    helm upgrade --install ${release} "$CHARTS/${chart}" --values values.yaml --values "$values" ${words} --post-renderer ./post-render`,
    expected,
  );
}

/** Settings that change start the pods anew, and only those. */
async function showChange({ say }: Smoke, namespace: Namespace): Promise<void> {
  const hash = async (release: keyof typeof CHART) =>
    (await namespace.shell(`helm get manifest ${release} | grep -o 'name: km-bootstrap-wso2.*settings-.*' | head -1`))
      .stdout;
  const before = await hash('apim');
  await namespace.shell('echo "# changed" >>kubernetes/charts/shared/km-bootstrap.toml');
  await install(namespace, 'apim');
  await namespace.shell(
    'kubectl rollout status deployment --selector "" --timeout=180s || kubectl wait --for=condition=available --timeout=180s deployment --all',
  );
  if ((await hash('apim')) === before) throw new Error('a changed km-bootstrap.toml changes no name');
  say('km-bootstrap.toml changed: the next `helm upgrade` starts API Manager anew');
}

/** A truststore of one's own, by jksSecretName: prepare works on that, and the server gets what prepare made of it. */
async function showStores({ say }: Smoke, namespace: Namespace): Promise<void> {
  const { shell } = namespace;
  const pod =
    'deployment/$(kubectl get deployment --output name | sed -n "s/.*\\/\\(apim-am-deployment.*\\)/\\1/p" | head -1)';
  await shell(`for store in client-truststore.jks wso2carbon.jks; do
      kubectl exec ${pod} -- cat /home/wso2carbon/wso2am-4.5.0/repository/resources/security/$store >$store
    done
    keytool -delete -keystore client-truststore.jks -storepass wso2carbon -alias wso2is >/dev/null 2>&1 || true
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=mine -keyout mine.key -out mine.crt
    keytool -importcert -noprompt -keystore client-truststore.jks -storepass wso2carbon -alias mine -file mine.crt
    kubectl create secret generic stores --from-file=client-truststore.jks --from-file=wso2carbon.jks`);
  await install(namespace, 'apim', '--set wso2.apim.configurations.security.jksSecretName=stores');
  await namespace.until('get deployments', /apim-am-deployment\S* +1\/1 +1 +1/);
  const { all } = await shell(
    `kubectl exec ${pod} -- sh -c '"$JAVA_HOME"/bin/keytool -list -keystore "$WSO2_SERVER_HOME"/repository/resources/security/client-truststore.jks -storepass wso2carbon'`,
  );
  for (const alias of ['mine', 'wso2is'])
    if (!new RegExp(`^${alias}, `, 'm').test(all)) throw new Error(`the server's truststore lacks ${alias}: ${all}`);
  say('jksSecretName: the server has the own truststore, with the certificate of IS 7 in it');
}

/** What cannot work is said, and nothing is installed. */
async function showRefusals(smoke: Smoke, images: ClusterImages): Promise<void> {
  await withNamespace(images, async (namespace) => {
    const { shell, until } = namespace;
    await prepare(namespace, images.tag);
    const other = await shell(
      `cd kubernetes/charts/helm-apim; helm install other "$CHARTS/kubernetes-is" --post-renderer ./post-render`,
      1,
    );
    if (!other.all.includes('no Deployment or StatefulSet with a container wso2am')) throw new Error(other.all);
    await shell(`chmod -R a-w kubernetes/charts
      for turn in 1 2; do helm template is7 "$CHARTS/kubernetes-is" --values is7.yaml --post-renderer kubernetes/charts/kubernetes-is/post-render >out$turn & done
      wait; cmp out1 out2; grep -q seed.sh out1; chmod -R u+w kubernetes/charts`);
    smoke.say('post-render refuses another chart’s manifests, and works in a read-only folder, twice at once');
    await shell(
      'kubectl create secret generic keystores --from-literal=client-truststore.p12=x --from-literal=wso2carbon.p12=x',
    );
    await install(namespace, 'is7', '--set deployment.externalJKS.enabled=true');
    await until('describe pods', /seed\.sh: \S+ is mounted on the home itself/);
    smoke.say('externalJKS, which mounts stores on the home itself: the seed says so, and ends with 78');
  });
}
