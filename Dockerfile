# syntax=docker/dockerfile:1

FROM node:24.21.0-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# The clients are workspaces: a server needs none of them. The Node that npm brings is the one of this image.
RUN npm ci --omit=dev --workspaces=false \
 && rm -r node_modules/node-linux-*

FROM node:24.21.0-slim
ENV NODE_ENV=production \
    AUTHFLOW_DATA_DIR=/data \
    AUTHFLOW_HOST=0.0.0.0 \
    AUTHFLOW_INSECURE=true
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY gen/ts/src gen/ts/src
COPY src src
RUN install -d -m 0700 -o node -g node /data \
 && install -d -o node -g node node_modules/.cache/authflow \
 && ln -s /app/src/cli/authflow.js /usr/local/bin/authflow
USER node
# What Node compiles at the first start is kept in the image, so that a container with a read-only root starts fast too.
# Node keeps it by user: another one than "node" starts as slowly as a first time.
RUN AUTHFLOW_DATA_DIR=/tmp/first timeout --signal=TERM --preserve-status 10 node src/cli/authflow.js serve \
 && rm -r /tmp/first
VOLUME /data
EXPOSE 8080 50051
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s \
  CMD ["node", "/app/src/cli/authflow.js", "health"]
ENTRYPOINT ["node", "--max-semi-space-size=4", "/app/src/cli/authflow.js"]
CMD ["serve"]
