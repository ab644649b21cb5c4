# km-bootstrap as an image: Node.js, the part of Java that keytool and the JDBC drivers need, the program. See docs/image.md.
#   docker build -t km-bootstrap .
#   docker build -t km-bootstrap-sandbox --target sandbox .      stand-ins of both servers, for compose/compose.sandbox.yaml

# Both bases are lists for several architectures, named by digest: a new digest is a change to this file, or a build argument.
ARG NODE_IMAGE=node:20-bookworm-slim@sha256:2cf067cfed83d5ea958367df9f966191a942351a2df77d6f0193e162b5febfc0
ARG DEBIAN_IMAGE=debian:bookworm-slim@sha256:88200866dfff7ea7f5cbcb6ec7c8a701889efe6fe859fe64d6990e4b07ea4171
# What the stand-ins are put on: the stage of this name, or an image of km-bootstrap that is there already.
ARG RUNTIME_IMAGE=runtime

FROM ${NODE_IMAGE} AS build

RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      ca-certificates g++ make maven openjdk-17-jdk-headless python3 >/dev/null \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /src
COPY package.json package-lock.json pom.xml ./

# Artifacts of pom.xml that stay out. Oracle's and IBM's drivers are theirs to hand out: mount them (database.driver_jar), or build
# with --build-arg EXCLUDED_DRIVERS= for yourself.
ARG EXCLUDED_DRIVERS=ojdbc11,jcc
RUN mvn -q -B package -DexcludeArtifactIds="$EXCLUDED_DRIVERS" </dev/null

# What keytool, H2, SQL Server's driver and, once they are mounted, Oracle's and IBM's load.
RUN jlink --output /opt/java --vm=server --strip-debug --no-header-files --no-man-pages --compress=2 --add-modules \
      java.base,java.logging,java.management,java.naming,java.rmi,java.security.jgss,java.sql,java.transaction.xa,java.xml,jdk.crypto.ec,jdk.net,jdk.security.jgss,jdk.unsupported

# The JDK's own classes as a JVM lays them out in memory (class data sharing): a third off the start of keytool. Threads that run at
# once make an archive come out a little different now and then, so that it is made on one processor, until three are the same.
RUN cpu=$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//'); archive=/opt/java/lib/server/classes.jsa; \
    while taskset -c "$cpu" /opt/java/bin/java -Xshare:dump -XX:+UseSerialGC -Xint >/dev/null 2>&1; do \
      sum=$(sha256sum $archive); \
      case "$seen" in *"$sum"*"$sum"*) break ;; esac; \
      seen="$seen $sum"; \
    done; \
    chmod -R u=rwX,go=rX /opt/java; test -s $archive

# The bridge to Java is compiled against the JDK and runs on /opt/java.
RUN npm ci --ignore-scripts --no-audit --no-fund --loglevel=error \
 && GYP_DEFINES=javalibdir=/opt/java/lib/server npm_config_nodedir=/usr/local \
    npm rebuild java --foreground-scripts --loglevel=error >/dev/null \
 && echo '""' >node_modules/java/build/jvm_dll_path.json

COPY . .
RUN node scripts/bundle.mjs

# The program as it is installed: without what only builds it, which is all that the bridge itself depends on.
RUN set -e; app=/out/opt/km-bootstrap; standins=/standins/opt/km-bootstrap/java/lib; \
    mkdir -p $app/java $standins /out/usr/local/bin /out/etc/km-bootstrap; \
    cp package.json package-lock.json LICENSE $app/; \
    npm ci --prefix $app --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error; \
    (cd $app/node_modules; rm -rf .package-lock.json @types bintrees/test node-forge/dist; \
     find . -type f \( -name '*.map' -o -name '*.md' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' \) -delete); \
    bridge=node_modules/java; mkdir -p $app/$bridge/build/Release; \
    cp -r $bridge/package.json $bridge/LICENSE $bridge/index.js $bridge/src-node $bridge/src-java $app/$bridge/; \
    cp $bridge/build/jvm_dll_path.json $app/$bridge/build/; \
    cp $bridge/build/Release/nodejavabridge_bindings.node $app/$bridge/build/Release/; \
    mv java/lib/cava-toml-* java/lib/antlr4-runtime-* java/lib/jsr305-* $standins/; \
    cp -r java/lib $app/java/; \
    cp -r dist $app/; \
    JAVA_HOME=/opt/java node scripts/sbom.mjs --image >$app/sbom.cdx.json; \
    strip -o /out/usr/local/bin/node /usr/local/bin/node; \
    ln -s ../../../opt/km-bootstrap/dist/main.js /out/usr/local/bin/km-bootstrap; \
    find /out -empty -type d -not -path /out/etc/km-bootstrap -delete; \
    chmod -R u=rwX,go=rX /out /standins; \
    chmod 755 $app/dist/main.js

FROM ${DEBIAN_IMAGE} AS runtime

ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="km-bootstrap" \
      org.opencontainers.image.description="Makes WSO2 Identity Server 7 the Key Manager of WSO2 API Manager, with no manual step" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"

COPY --from=build /opt/java /opt/java
COPY --from=build /out /

# No user needs to exist: any uid works, with any gid, on a read-only root with a /tmp. km-bootstrap.toml is looked for in the
# working folder.
ENV JAVA_HOME=/opt/java HOME=/tmp NODE_ENV=production
WORKDIR /etc/km-bootstrap
USER 65532:65532
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["node", "/opt/km-bootstrap/dist/container/healthcheck.js"]
ENTRYPOINT ["node", "/opt/km-bootstrap/dist/container/entrypoint.js"]
CMD ["help"]

# Stand-ins of both servers in the shape of the official images: same homes, users and volumes. Nothing of WSO2's is in it. They load
# deployment.toml with the parser of the real ones, which the program itself has no use for.
FROM ${RUNTIME_IMAGE} AS sandbox
USER 0:0
COPY --from=build /standins /
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ca-certificates curl >/dev/null \
 && rm -rf /var/lib/apt/lists/*
ARG IS7_VERSION=7.2.0
ARG APIM_VERSION=4.5.0
RUN km-bootstrap sandbox --create-only --dir /home/wso2carbon --is7-version "${IS7_VERSION%.0}" --apim-version "${APIM_VERSION%.0}" \
 && chown -R 802:802 /home/wso2carbon/wso2is-* \
 && chown -R 10001:10001 /home/wso2carbon/wso2am-*
COPY compose/sandbox/docker-entrypoint.sh /home/wso2carbon/
WORKDIR /home/wso2carbon
HEALTHCHECK NONE
ENTRYPOINT ["/bin/sh", "/home/wso2carbon/docker-entrypoint.sh"]
CMD []

FROM runtime
