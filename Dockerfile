# Builds the one binary and puts it alone into a small image. Fetches nothing but Debian's
# packages and crates.
FROM rust:1.95-bookworm AS build
WORKDIR /src
# Dependencies first: they change seldom, and this layer is then kept.
COPY Cargo.toml Cargo.lock ./
COPY .cargo .cargo
COPY entity/Cargo.toml entity/
COPY migration/Cargo.toml migration/
RUN mkdir -p src benches entity/src migration/src \
 && touch benches/load.rs src/lib.rs entity/src/lib.rs migration/src/lib.rs \
 && echo 'fn main() {}' > src/main.rs \
 && cargo build --profile dist --locked --package mashang \
 && rm -r src benches entity/src migration/src
COPY . .
RUN touch src/*.rs entity/src/lib.rs migration/src/lib.rs \
 && cargo build --profile dist --locked --package mashang

FROM debian:bookworm-slim
# Webhooks trust whom the system trusts.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/mashang --create-home mashang
COPY --from=build /src/target/dist/mashang /usr/local/bin/mashang
USER mashang
WORKDIR /var/lib/mashang
ENV MASHANG_LISTEN=0.0.0.0:8080
VOLUME /var/lib/mashang
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s CMD ["mashang", "healthcheck"]
ENTRYPOINT ["mashang"]
CMD ["serve"]
