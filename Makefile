# The only commands a newcomer needs: make demo, make test, make bench.

.PHONY: demo test lab bench fuzz setup
.DEFAULT_GOAL := demo

setup:
	@./setup.sh test

demo:
	@./setup.sh demo
	cargo build --quiet --workspace --bins
	@exec target/debug/kiosk-gateway demo

test: setup
	cargo fmt --all --check
	cargo clippy --quiet --workspace --all-targets -- -D warnings
	cargo clippy --quiet --workspace --test lab -- -D warnings
	PATH="$(CURDIR)/.venv/bin:$$PATH" cargo deny --log-level error check licenses bans sources
	cargo build --workspace --all-targets
	cargo test --workspace
	./protocol/client/run-tests.sh
	tests/lab/run.sh

# Drivers and virtual devices under a real kernel; FILTER=name runs a part. See tests/lab/README.md.
lab: setup
	cargo build --quiet --workspace --bins
	tests/lab/run.sh $(FILTER)

bench: setup
	@tests/peers/opencv.sh
	cargo build --quiet --release --workspace --bins
	cargo build --quiet --release --package kiosk-register --package kiosk-pades --examples
	@target/release/kiosk-bench
	@target/release/examples/figures
	@target/release/examples/kills 100

# Feeds all that reads foreign bytes (chips, signed files, answers of authorities, proofs, pages) with what nobody writes, TIME
# seconds (60) for each target, or one TARGET of gateway/fuzz/src/bin. Needs a C++ compiler. See gateway/fuzz/run.sh.
fuzz:
	gateway/fuzz/run.sh $(or $(TIME),60) $(TARGET)
