# syntax=docker/dockerfile:1

FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# The clients are workspaces: a server needs none of them.
RUN npm ci --omit=dev --workspaces=false

FROM node:24-slim
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
 && ln -s /app/src/cli/authflow.js /usr/local/bin/authflow
USER node
VOLUME /data
EXPOSE 8080 50051
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s \
  CMD ["node", "/app/src/cli/authflow.js", "health"]
ENTRYPOINT ["node", "/app/src/cli/authflow.js"]
CMD ["serve"]
