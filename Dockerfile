# One image for controller, agent and admission; Node runs the TypeScript source as it is.
FROM node:24-slim
ENV NODE_COMPILE_CACHE=/var/cache/herald
WORKDIR /herald
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=peer --no-audit --no-fund
COPY pepr.ts ./
COPY capabilities capabilities
COPY crds crds
COPY src src
# Fills the compile cache: each command, and the agent's thread, loads its modules, finds no cluster and ends. Flags as in deploy/.
RUN for command in controller admission; do node src/main.ts $command --kubeconfig /nowhere || true; done; \
    node --optimize-for-size --single-threaded-gc src/main.ts agent --kubeconfig /nowhere || true; \
    node --optimize-for-size --single-threaded-gc src/speaker/worker.ts || true
USER node
CMD ["node", "src/main.ts", "--help"]
