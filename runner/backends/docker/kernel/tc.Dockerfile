# What shapes links in the kernel: ip and tc, upon the base image of the node. One that has them gets nothing more.
ARG NODE_IMAGE=node:24-bookworm-slim
FROM ${NODE_IMAGE}
LABEL org.forklab.image="tc"
RUN if ! command -v tc || ! command -v ip; then \
      command -v apt-get || { echo "the base image has neither ip and tc nor apt-get to install them"; exit 1; }; \
      apt-get update && apt-get install --yes --no-install-recommends iproute2 && rm -rf /var/lib/apt/lists/*; \
    fi
ENTRYPOINT ["sh"]
CMD []
