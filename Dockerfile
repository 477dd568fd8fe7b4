# Builds with the development dependencies, runs without: what is built needs none of them.
#
# A tag may be moved. To pin what you have tried, add the digest that `docker buildx imagetools
# inspect node:26.12.1-bookworm-slim` prints to each FROM: node:26.12.1-bookworm-slim@sha256:…
FROM node:26.12.1-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The embedded PostgreSQL (61 MB) is optional and stays out: a container is given a DATABASE_URI.
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --omit=optional

FROM node:26.12.1-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --include=dev
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY src src
COPY migrations migrations
RUN npm run build

FROM node:26.12.1-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production RUN_ADDRESS=:8080
COPY package.json ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY proto proto
USER node
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.RUN_ADDRESS.split(':').pop()}/health/live`).then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
# Not npm start: it would look for sources to build, and stand between the signal and the service.
CMD ["node", "dist/src/main.js"]
