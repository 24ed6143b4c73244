# One image for controller, agent and admission; Node runs the TypeScript source as it is.
FROM node:24-slim
ENV NODE_COMPILE_CACHE=/var/cache/herald
WORKDIR /herald
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=peer --no-audit --no-fund
COPY pepr.ts ./
COPY capabilities capabilities
COPY src src
USER node
CMD ["node", "src/main.ts", "--help"]
