# Stayzr's origin, migrations and Node edge in one image:
#   node origin/main.ts (what it does by itself) · node origin/migrate.ts · node edge/server.ts
# The last stage holds Node, the C library it needs, production dependencies and our source, and nothing else: no shell, no
# package manager, no npm. Start it with an init that reaps and forwards signals where something else than Node may run in
# it (`init: true` in compose); Node itself handles SIGTERM. Runs with a read-only root; /tmp is not written to.
# digest: Renovate pins it.
FROM node:24-trixie-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Applied by patch-package when npm has installed.
COPY patches ./patches
RUN npm ci --omit=dev --no-audit --no-fund \
  # For compilers and people: half of what npm brings. Licences stay.
  && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.map' -o -name '*.md' \
     ! -iname '*licen*' \) -delete \
  && rm -rf node_modules/zod/src node_modules/.package-lock.json \
  # Fails the build where something that runs is missing.
  && node -e 'for (const name of ["hono", "postgres", "ioredis", "zod/mini", "@aws-sdk/client-s3", "@node-rs/argon2", "pino", "prom-client"]) require(name)'

FROM node:24-trixie-slim AS assets
WORKDIR /app
COPY infra/local/build-assets.ts infra/local/
COPY edge/assets edge/assets
RUN node infra/local/build-assets.ts

FROM node:24-trixie-slim AS runtime
COPY --from=dependencies /app/node_modules /app/node_modules
# Node, every library that it and our native modules load, and of each the package it came from, where scanners look.
RUN set -eu; \
  mkdir -p /root-of-image/usr/local/bin /root-of-image/var/lib/dpkg/status.d /root-of-image/etc; \
  cp "$(readlink -f "$(command -v node)")" /root-of-image/usr/local/bin/node; \
  { ldd /root-of-image/usr/local/bin/node; find /app/node_modules -name '*.node' -exec ldd {} +; } \
    | grep -o '/[^ ]*' | grep -v ':$' | sort -u > /libraries; \
  while read -r library; do \
    mkdir -p "/root-of-image$(dirname "$library")"; \
    cp --dereference "$library" "/root-of-image$library"; \
    real=$(readlink -f "$library"); \
    package=$(dpkg -S "$library" "$real" "${real#/usr}" 2>/dev/null | grep -v '^diversion' | head -n 1 | cut -d: -f1); \
    dpkg -s "$package" > "/root-of-image/var/lib/dpkg/status.d/$package"; \
  done < /libraries; \
  cp --dereference /etc/os-release /root-of-image/etc/os-release; \
  echo 'hosts: files dns' > /root-of-image/etc/nsswitch.conf; \
  echo 'stayzr:x:10001:10001:Stayzr:/app:/nonexistent' > /root-of-image/etc/passwd; \
  echo 'stayzr:x:10001:' > /root-of-image/etc/group; \
  mkdir -m 1777 /root-of-image/tmp; \
  install -d -o 10001 -g 10001 /root-of-image/app/.compile-cache

FROM scratch
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="stayzr" \
  org.opencontainers.image.description="Stayzr: origin, migrations and Node edge" \
  org.opencontainers.image.licenses="AGPL-3.0-or-later" \
  org.opencontainers.image.version=$VERSION \
  org.opencontainers.image.revision=$REVISION \
  org.opencontainers.image.source=$SOURCE
COPY --from=runtime /root-of-image /
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY shared shared
COPY origin origin
COPY edge edge
COPY --from=assets /app/edge/build edge/build
# NODE_ENV: libraries leave their checks out. HOST: who may reach it is for the network to say. DRAIN_SECONDS: a balancer
# asks for readiness every second or two. RES_OPTIONS: a name that is gone, such as a dead Redis's, is waited for in one of
# the four threads that also look up the others; by default for ten seconds.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DRAIN_SECONDS=5 PATH=/usr/local/bin \
  NODE_COMPILE_CACHE=/app/.compile-cache RES_OPTIONS="timeout:1 attempts:2"
USER 10001:10001
# What Node makes of the source, types stripped and compiled: kept, it starts in two thirds of the time, and a health check
# costs half. The account is part of its key.
RUN ["node", "--input-type=module", "--eval", "for (const part of ['origin/main.ts', 'origin/migrate.ts', 'edge/app.ts', 'edge/ari/copies-on-server.ts']) await import(`/app/${part}`)"]
RUN ["node", "origin/health-check.ts", "--help"]
EXPOSE 3000 3443 8787 8443
# Ready, not just alive: nothing is sent to an origin without its database. For the edge compose asks its own address.
HEALTHCHECK --interval=5s --timeout=4s --start-period=20s --retries=3 \
  CMD ["node", "origin/health-check.ts", "http://127.0.0.1:3000/health/ready"]
CMD ["node", "origin/main.ts"]
