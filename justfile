# Names for the commands that .ci/run keeps; `just` is not needed to run them: `.ci/run lint test`.

# What to run before a commit: a minute or two.
check:
    .ci/run lint test doc

# Everything that CI runs. Installs Debian packages; takes about half an hour.
ci:
    .ci/run

# One step of CI, or several: just step memory
step +STEPS:
    .ci/run {{STEPS}}

# The tests whose names contain NAME: just test keychain
test *NAME:
    cargo test {{NAME}}

# Takes what commands print now for what they should print. Read the difference before you commit it.
snapshots:
    SNAPSHOTS=overwrite cargo test --test it snapshots

# Writes every file as rustfmt has it.
fmt:
    cargo fmt --all

# Times the release build beside envsubst, minijinja-cli and yq.
bench *OPTIONS:
    cargo build --release
    benches/compare {{OPTIONS}}

# Builds the packages of a release and tries them; --twice compares two builds.
dist *OPTIONS:
    dist/build {{OPTIONS}}
